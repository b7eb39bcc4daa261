/** LLAMMA's bands on the price axis, the path of the price beside them: one axis, one line that can be dragged. */
import { type Accessor, createMemo, createSignal, Index, Show } from 'solid-js'
import type { BandsChart as Data } from '../../data/mechanisms/panel.ts'
import { amount, mark as markOf, part } from '../../data/mechanisms/words.ts'
import { niceSteps } from '../../data/round-steps.ts'
import { apart, createWidth, lineOf } from './plot.ts'

const HEIGHT = 400
const [LEFT, TOP, FOOT] = [62, 22, 24]
/** From this width on the names of the lines have a margin of their own. */
const WIDE = 620
const rightOf = (width: number) => (width < WIDE ? 10 : 168)

type Props = {
  readonly chart: Data
  /** Takes the price under the pointer; `done` when it lets go. */
  readonly drag: (price: number, done: boolean) => void
}

/** The chart; its figures are in the table twin. */
export function BandsChart(props: Props) {
  const { width, set } = createWidth()
  const plot = createMemo(() => layout(props.chart, width()))
  let held = false
  const [over, setOver] = createSignal<number>()
  const pointed = () => {
    const price = over()
    return price === undefined ? undefined : props.chart.bands.find(({ up, down }) => price <= up && price > down)
  }
  const at = (event: PointerEvent & { currentTarget: SVGElement }) =>
    plot().priceAt(event.clientY - event.currentTarget.getBoundingClientRect().top)
  const down = (event: PointerEvent & { currentTarget: SVGElement }) => {
    // A finger scrolls the page; it has the slider.
    if (event.pointerType === 'touch' || event.button !== 0) return
    held = true
    event.currentTarget.setPointerCapture(event.pointerId)
    props.drag(at(event), false)
  }
  const up = (event: PointerEvent & { currentTarget: SVGElement }) => {
    if (held) props.drag(at(event), true)
    held = false
  }
  return (
    <div class="mech-chart bands-chart" ref={set}>
      <Keys />
      <svg
        width={width()}
        height={HEIGHT}
        role="img"
        aria-label={`${props.chart.title}. ${props.chart.summary}`}
        onPointerDown={down}
        onPointerMove={(event) => {
          if (held) props.drag(at(event), false)
          setOver(at(event))
        }}
        onPointerLeave={() => setOver(undefined)}
        onPointerUp={up}
        onPointerCancel={() => {
          held = false
        }}
      >
        <Axis plot={plot} width={width()} />
        <Bars plot={plot} />
        <path class="mech-line second" d={plot().amm} />
        <path class="mech-line main" d={plot().path} />
        <Index each={plot().marks}>
          {(mark) => (
            <g class={`band-mark ${mark().kind}`}>
              <line x1={LEFT} x2={plot().right} y1={mark().y} y2={mark().y} />
              <text x={mark().textX} y={mark().textY + 4} text-anchor={mark().anchor}>
                {mark().text}
              </text>
            </g>
          )}
        </Index>
        <Show when={pointed()}>
          {(band) => (
            <text class="tick band-says" x={plot().right} y={11} text-anchor="end">
              {bandSays(props.chart, band())}
            </text>
          )}
        </Show>
        <circle class="main" cx={plot().head.x} cy={plot().head.y} r="5" />
      </svg>
    </div>
  )
}

function Keys() {
  return (
    <p class="readout" aria-hidden="true">
      <span class="mech-key">
        <span class="swatch held" /> collateral
      </span>
      <span class="mech-key">
        <span class="swatch sold" /> stablecoin (collateral sold)
      </span>
      <span class="mech-key">
        <span class="stroke main" /> outside price
      </span>
      <span class="mech-key">
        <span class="stroke second" /> AMM price
      </span>
      <span class="label drag-hint">drag the price, point at a band</span>
    </p>
  )
}

/** What a band holds. Its collateral is told at the band's own middle price. */
function bandSays({ say }: Data, { n, down, up, stable, coins }: Data['bands'][number]): string {
  const converted = part(stable + coins > 0 ? stable / (stable + coins) : 0, 0)
  return `band ${n}, ${say(down)} … ${say(up)}: ${say(stable)} crvUSD + collateral worth ${say(coins)}, ${converted} converted`
}

type Plot = Accessor<ReturnType<typeof layout>>

function Axis(props: { plot: Plot; width: number }) {
  return (
    <>
      <Index each={props.plot().rows}>
        {(row) => (
          <>
            <line class="grid" x1={LEFT} x2={props.plot().right} y1={row().y} y2={row().y} />
            <text class="tick" x={LEFT - 6} y={row().y + 4} text-anchor="end">
              {row().label}
            </text>
          </>
        )}
      </Index>
      <rect
        class="range-zone"
        x={LEFT}
        width={Math.max(0, props.plot().right - LEFT)}
        y={props.plot().range.y}
        height={props.plot().range.height}
      />
      <line class="axis" x1={props.plot().middle} x2={props.plot().middle} y1={TOP} y2={HEIGHT - FOOT} />
      <text class="tick axis-name" x={0} y={11}>
        crvUSD per ETH
      </text>
      <text class="tick" x={LEFT + 4} y={HEIGHT - 7}>
        path, {props.plot().count} steps
      </text>
      <text class="tick" x={props.plot().right} y={HEIGHT - 7} text-anchor="end">
        → {props.plot().most} crvUSD a band
      </text>
    </>
  )
}

function Bars(props: { plot: Plot }) {
  return (
    <Index each={props.plot().bars}>
      {(bar) => (
        <g>
          <rect class="part-held" x={bar().x + bar().sold} y={bar().y} width={bar().held} height={bar().height} />
          <rect class="part-sold" x={bar().x} y={bar().y} width={bar().sold} height={bar().height} />
          <Show when={bar().label}>
            {(label) => (
              <text class="tick" x={bar().x - 4} y={bar().y + bar().height / 2 + 4} text-anchor="end">
                {label()}
              </text>
            )}
          </Show>
        </g>
      )}
    </Index>
  )
}

function layout(chart: Data, width: number) {
  const { low, high, bands, path } = chart
  const bottom = HEIGHT - FOOT
  const right = width - rightOf(width)
  const y = (price: number) => TOP + ((high - price) / (high - low)) * (bottom - TOP)
  const middle = LEFT + (right - LEFT) * (width < WIDE ? 0.46 : 0.54)
  const barsLeft = middle + 34
  const most = Math.max(...bands.map(({ stable, coins }) => stable + coins), 1e-9)
  const long = (value: number) => (value / most) * (right - barsLeft)
  const way = path[path.length - 1]?.along || 1
  const x = (along: number) => LEFT + (along / way) * (middle - 12 - LEFT)
  const named = Math.ceil(bands.length / 10)
  const amm = path.flatMap(({ amm: price, along }) =>
    price === undefined ? [] : [[x(along), clamp(y(price))] as const],
  )
  return {
    middle,
    most: amount(most, 0),
    count: path.length - 1,
    priceAt: (place: number) => Math.min(high, Math.max(low, high - ((place - TOP) / (bottom - TOP)) * (high - low))),
    rows: niceSteps(low, high, 8).map((price) => ({ y: y(price), label: markOf(price) })),
    range: { y: y(chart.range[0]), height: y(chart.range[1]) - y(chart.range[0]) },
    bars: bands.map(({ n, up, down, stable, coins }, index) => ({
      ...{
        x: barsLeft,
        y: y(up) + 0.5,
        height: Math.max(1, y(down) - y(up) - 1),
        sold: long(stable),
        held: long(coins),
      },
      label: index % named === 0 || index === bands.length - 1 ? String(n) : undefined,
    })),
    path: lineOf(path.map(({ price, along }) => [x(along), y(price)] as const)),
    amm: lineOf(amm),
    head: { x: x(way), y: y(chart.oracle) },
    right,
    marks: marksOf(chart, y, width),
  }
}

function clamp(place: number): number {
  return Math.min(HEIGHT - FOOT, Math.max(TOP, place))
}

/** Names of the lines, apart from each other: in the margin, or over the path where the page is narrow. */
function marksOf(chart: Data, y: (price: number) => number, width: number) {
  const margin = width >= WIDE
  const tell = (price: number) => (price >= 1e9 ? markOf(price) : chart.say(price))
  const inside = (price: number | undefined) => price !== undefined && price <= chart.high && price >= chart.low
  const all = [
    { kind: 'range', price: chart.range[0], text: `range top ${tell(chart.range[0])}` },
    { kind: 'range', price: chart.range[1], text: `range bottom ${tell(chart.range[1])}` },
    { kind: 'oracle', price: chart.oracle, text: `price = oracle ${tell(chart.oracle)}` },
    ...(inside(chart.amm)
      ? [{ kind: 'amm', price: chart.amm as number, text: `AMM ${tell(chart.amm as number)}` }]
      : []),
    ...(inside(chart.hard)
      ? [{ kind: 'hard', price: chart.hard as number, text: `health 0 ${tell(chart.hard as number)}` }]
      : []),
  ]
  const places = apart(
    all.map(({ price }) => y(price) - (margin ? 0 : 9)),
    15,
    TOP + 4,
    HEIGHT - FOOT - 8,
  )
  return all.map(({ kind, price, text }, index) => ({
    ...{
      kind,
      text,
      y: y(price),
      textY: places[index] as number,
      textX: margin ? width - rightOf(width) + 8 : LEFT + 4,
      anchor: 'start' as const,
    },
  }))
}
