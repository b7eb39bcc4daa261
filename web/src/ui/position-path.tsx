/** The path to liquidation: equity against maintenance margin as the price moves, with what stands at each price. */
import { type Accessor, createMemo, createSignal, createUniqueId, For, Index, onCleanup, onMount, Show } from 'solid-js'
import { formatNumber } from '../../../lib/analytics/index.ts'
import type { VenueFigures } from '../data/position.ts'
import { niceSteps } from '../data/round-steps.ts'
import { money, percent, price } from './position-words.ts'

const LEFT = 58
const RIGHT = 12
const TOP = 58
const FOOT = 22
const HEIGHT = 330
const SAMPLES = 160

type PathProps = { readonly figures: VenueFigures }

/** The chart; its figures are in the table twin. */
export function PathChart(props: PathProps) {
  const [width, setWidth] = createSignal(700)
  const [hover, setHover] = createSignal<number>()
  const hatch = createUniqueId()
  let home: HTMLDivElement | undefined
  onMount(() => {
    const watch = new ResizeObserver(([entry]) => entry && setWidth(Math.max(240, entry.contentRect.width)))
    if (home) watch.observe(home)
    onCleanup(() => watch.disconnect())
  })
  const plot = createMemo(() => layout(props.figures, width()))
  const move = (event: PointerEvent & { currentTarget: SVGElement }) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left
    setHover(x >= LEFT && x <= width() - RIGHT ? plot().priceAt(x) : undefined)
  }
  return (
    <div class="path" ref={home}>
      <p class="readout" aria-hidden="true">
        <Show when={hover()} fallback={<Legend figures={props.figures} />}>
          {(at) => readout(props.figures, at())}
        </Show>
      </p>
      <svg
        width={width()}
        height={HEIGHT}
        role="img"
        aria-label={spokenPath(props.figures)}
        onPointerMove={move}
        onPointerLeave={() => setHover(undefined)}
      >
        <defs>
          <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <line x1="0" y1="0" x2="0" y2="6" class="hatch-line" />
          </pattern>
        </defs>
        <Zones plot={plot} hatch={hatch} />
        <Index each={plot().rows}>
          {(row) => (
            <>
              <line class="grid" x1={LEFT} x2={width() - RIGHT} y1={row().y} y2={row().y} />
              <text class="tick" x={LEFT - 6} y={row().y + 4} text-anchor="end">
                {row().label}
              </text>
            </>
          )}
        </Index>
        <Index each={plot().ticks}>
          {(tick) => (
            <text class="tick" x={tick().x} y={HEIGHT - 6} text-anchor="middle">
              {tick().label}
            </text>
          )}
        </Index>
        <line class="axis" x1={LEFT} x2={width() - RIGHT} y1={plot().zero} y2={plot().zero} />
        <path class="curve maintenance" d={plot().maintenance} />
        <path class="curve equity" d={plot().equity} />
        <Marks plot={plot} />
        <StepDots plot={plot} />
        <Show when={hover()}>
          {(at) => <line class="cursor" x1={plot().x(at())} x2={plot().x(at())} y1={TOP} y2={HEIGHT - FOOT} />}
        </Show>
      </svg>
    </div>
  )
}

type Plot = Accessor<ReturnType<typeof layout>>

function Zones(props: { plot: Plot; hatch: string }) {
  return (
    <Index each={props.plot().zones}>
      {(zone) => (
        <>
          <rect class={`zone ${zone().kind}`} x={zone().x} y={TOP} width={zone().width} height={HEIGHT - FOOT - TOP} />
          <Show when={zone().kind === 'gone'}>
            <rect
              class="deaf"
              x={zone().x}
              y={TOP}
              width={zone().width}
              height={HEIGHT - FOOT - TOP}
              fill={`url(#${props.hatch})`}
            />
          </Show>
        </>
      )}
    </Index>
  )
}

function Marks(props: { plot: Plot }) {
  return (
    <Index each={props.plot().marks}>
      {(mark) => (
        <g class={`mark ${mark().kind}`}>
          <line x1={mark().x} x2={mark().x} y1={mark().labelY + 5} y2={HEIGHT - FOOT} />
          <text x={mark().textX} y={mark().labelY} text-anchor={mark().anchor}>
            {mark().label}
          </text>
        </g>
      )}
    </Index>
  )
}

/** The steps that follow the trigger, at their prices. */
function StepDots(props: { plot: Plot }) {
  return (
    <Index each={props.plot().dots}>
      {(dot) => (
        <g class="step-dot">
          <rect x={dot().x - dot().width / 2} y={HEIGHT - FOOT - 9} width={dot().width} height="17" rx="8" />
          <text x={dot().x} y={HEIGHT - FOOT + 4} text-anchor="middle">
            {dot().label}
          </text>
        </g>
      )}
    </Index>
  )
}

function Legend(props: { figures: VenueFigures }) {
  return (
    <span class="label">
      <span class="key equity" /> equity <span class="key maintenance" /> maintenance margin, {props.figures.settle}:
      liquidated where they meet, nothing left where equity is 0
    </span>
  )
}

function readout(figures: VenueFigures, at: number): string {
  const [equity, need] = [figures.equityAt(at), figures.maintenanceAt(at)]
  const ratio = equity > 0 ? percent(need / equity, 1, false) : 'above 100 %'
  return `${price(at, figures)} (${percent(at / figures.mark - 1, 2)}): equity ${money(equity, figures)}, maintenance ${money(need, figures)}, margin ratio ${ratio}`
}

function spokenPath(figures: VenueFigures): string {
  const { liquidationPrice: liquidated, bankruptcyPrice: bankrupt, settle } = figures
  const start = `Equity of ${money(figures.equityAt(figures.mark), figures)} ${settle} at ${price(figures.mark, figures)}.`
  if (liquidated === undefined) return `${start} No price above 0 liquidates this position.`
  return `${start} It meets maintenance margin at ${price(liquidated, figures)}${bankrupt === undefined ? '' : ` and is 0 at ${price(bankrupt, figures)}`}.`
}

/** Prices that the chart spans: from beyond the bankruptcy price to as far on the good side. */
export function spanOf({ mark, entry, liquidationPrice, bankruptcyPrice, side }: VenueFigures): [number, number] {
  const known = [mark, entry, liquidationPrice, bankruptcyPrice].filter((at) => at !== undefined && at > 0) as number[]
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const reach = Math.max(high - low, mark * 0.004)
  // A short may be liquidated far away: the chart goes there all the same, a long never below 0.
  return side === 'long'
    ? [Math.max(liquidationPrice === undefined ? mark * 0.02 : low / 50, low - reach * 0.28), high + reach * 0.22]
    : [Math.max(low / 50, low - reach * 0.22), high + reach * 0.28]
}

function layout(figures: VenueFigures, width: number) {
  const [from, to] = spanOf(figures)
  const right = width - RIGHT
  const x = (at: number) => LEFT + ((at - from) / (to - from)) * (right - LEFT)
  const priceAt = (place: number) => from + ((place - LEFT) / (right - LEFT)) * (to - from)
  const prices = Array.from({ length: SAMPLES + 1 }, (_, index) => from + ((to - from) * index) / SAMPLES)
  const equities = prices.map(figures.equityAt)
  const needs = prices.map(figures.maintenanceAt)
  const top = Math.max(...equities, ...needs)
  const bottom = Math.min(0, ...equities)
  const y = (value: number) => TOP + ((top - value) / (top - bottom || 1)) * (HEIGHT - FOOT - TOP)
  const line = (values: readonly number[]) =>
    values
      .map(
        (value, index) => `${index === 0 ? 'M' : 'L'}${x(prices[index] as number).toFixed(1)} ${y(value).toFixed(1)}`,
      )
      .join('')
  return {
    x,
    priceAt,
    zero: y(0),
    equity: line(equities),
    maintenance: line(needs),
    zones: zonesOf(figures, x, right),
    marks: marksOf(figures, x, right),
    dots: dotsOf(figures, x, right),
    ticks: niceSteps(from, to, Math.max(2, Math.floor(width / 110))).map((at) => ({
      x: x(at),
      label: formatNumber(at, 6),
    })),
    rows: niceSteps(bottom, top, 5).map((value) => ({ y: y(value), label: formatNumber(value, 5) })),
  }
}

function zonesOf({ liquidationPrice, bankruptcyPrice, side }: VenueFigures, x: (at: number) => number, right: number) {
  if (liquidationPrice === undefined) return []
  const clip = (place: number) => Math.min(right, Math.max(LEFT, place))
  const end =
    bankruptcyPrice === undefined || bankruptcyPrice <= 0 ? (side === 'long' ? LEFT : right) : clip(x(bankruptcyPrice))
  const start = clip(x(liquidationPrice))
  const edge = side === 'long' ? LEFT : right
  const box = (kind: string, a: number, b: number) => ({ kind, x: Math.min(a, b), width: Math.abs(a - b) })
  return [box('liquidated', start, end), box('gone', end, edge)]
}

/** One dot for the steps that happen at nearly the same price. */
function dotsOf({ steps }: VenueFigures, x: (at: number) => number, right: number) {
  const groups: { x: number; first: number; last: number }[] = []
  steps.forEach(({ price: at }, index) => {
    const place = at === undefined ? Number.NaN : x(at)
    if (!(place >= LEFT && place <= right)) return
    const group = groups.find((other) => Math.abs(other.x - place) < 22)
    if (group) group.last = index + 1
    else groups.push({ x: place, first: index + 1, last: index + 1 })
  })
  return groups.map((group) => {
    const label = group.first === group.last ? String(group.first) : `${group.first}–${group.last}`
    return { x: group.x, label, width: 11 + label.length * 6 }
  })
}

type Mark = {
  kind: string
  x: number
  label: string
  labelY: number
  textX: number
  anchor: 'start' | 'middle' | 'end'
}

/** Names above the plot, each on a line of its own where they would touch. */
function marksOf(figures: VenueFigures, x: (at: number) => number, right: number): Mark[] {
  const { entry, mark, liquidationPrice, bankruptcyPrice } = figures
  const named: (readonly [string, string, number | undefined])[] = [
    ['entry', mark === entry ? 'entry' : 'entry', entry],
    ['mark-price', 'mark', mark === entry ? undefined : mark],
    ['liquidation', 'liquidation', liquidationPrice],
    ['bankruptcy', 'bankruptcy', bankruptcyPrice],
  ]
  const taken: number[] = []
  return named
    .filter((item): item is readonly [string, string, number] => item[2] !== undefined && item[2] > 0)
    .sort((a, b) => x(a[2]) - x(b[2]))
    .map(([kind, name, at]) => {
      const place = x(at)
      const label = `${name} ${price(at, figures)}`
      const half = (label.length * 6.2) / 2
      const anchor = place - half < LEFT ? 'start' : place + half > right ? 'end' : 'middle'
      const begins = anchor === 'start' ? place : anchor === 'end' ? place - 2 * half : place - half
      const lane = [0, 1, 2].find((index) => (taken[index] ?? Number.NEGATIVE_INFINITY) + 8 < begins) ?? 2
      taken[lane] = begins + 2 * half
      return { kind, x: place, label, labelY: 14 + lane * 16, textX: place, anchor }
    })
}

/** The table twin: the same at round prices, and at those that matter. */
export function PathTable(props: PathProps) {
  const rows = createMemo(() => {
    const { entry, mark, liquidationPrice, bankruptcyPrice } = props.figures
    const [from, to] = spanOf(props.figures)
    const named = new Map<number, string>()
    const put = (at: number | undefined, name: string) => {
      if (at !== undefined && at > 0) named.set(at, named.has(at) ? `${named.get(at)}, ${name}` : name)
    }
    for (const at of niceSteps(from, to, 10)) put(at, '')
    put(entry, 'entry')
    put(mark === entry ? undefined : mark, 'mark')
    put(liquidationPrice, 'liquidation')
    put(bankruptcyPrice, 'bankruptcy')
    return [...named].sort(([a], [b]) => b - a)
  })
  return (
    <section class="scroll-x" tabindex="0" aria-label="equity and maintenance margin by price">
      <table>
        <thead>
          <tr>
            <th scope="col" class="num">
              price
            </th>
            <th scope="col" class="num">
              from mark
            </th>
            <th scope="col" class="num">
              equity
            </th>
            <th scope="col" class="num">
              maintenance
            </th>
            <th scope="col">is</th>
          </tr>
        </thead>
        <tbody>
          <For each={rows()}>
            {([at, name]) => (
              <tr>
                <th scope="row" class="num">
                  {price(at, props.figures)}
                </th>
                <td class="num">{percent(at / props.figures.mark - 1, 2)}</td>
                <td class="num">{money(props.figures.equityAt(at), props.figures)}</td>
                <td class="num">{money(props.figures.maintenanceAt(at), props.figures)}</td>
                <td>{name.replace(/^, /, '')}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  )
}
