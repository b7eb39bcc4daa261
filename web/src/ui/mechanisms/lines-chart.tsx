/** Lines over an axis, with straight cuts, the slider's place, and what stands under the pointer. */
import { type Accessor, createMemo, createSignal, For, Index, Show } from 'solid-js'
import type { LinesChart as Data } from '../../data/mechanisms/panel.ts'
import { niceSteps } from '../position-path.tsx'
import { apart, createWidth, inLanes, lineOf, ROOM, valueAt } from './plot.ts'

const HEIGHT = 250

/** The chart; its figures are in the table twin. */
export function LinesChart(props: { chart: Data }) {
  const { width, set } = createWidth()
  const [hover, setHover] = createSignal<number>()
  const plot = createMemo(() => layout(props.chart, width()))
  const move = (event: PointerEvent & { currentTarget: SVGElement }) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left
    setHover(x >= ROOM.left && x <= width() - ROOM.right ? plot().valueOf(x) : undefined)
  }
  return (
    <div class="mech-chart" ref={set}>
      <p class="readout" aria-hidden="true">
        <Show when={hover() ?? props.chart.now} fallback={<Keys chart={props.chart} />}>
          {(at) => <Readout chart={props.chart} at={at()} />}
        </Show>
      </p>
      <svg
        width={width()}
        height={HEIGHT}
        role="img"
        aria-label={`${props.chart.title}. ${props.chart.summary}`}
        onPointerMove={move}
        onPointerLeave={() => setHover(undefined)}
      >
        <Grid plot={plot} width={width()} />
        <Index each={plot().cuts}>
          {(cut) => (
            <g class={`cut ${cut().look}`}>
              <line x1={cut().x1} x2={cut().x2} y1={cut().y1} y2={cut().y2} />
              <text x={cut().textX} y={cut().textY} text-anchor={cut().anchor}>
                {cut().text}
              </text>
            </g>
          )}
        </Index>
        <Index each={plot().lines}>{(line) => <path class={`mech-line ${line().look}`} d={line().path} />}</Index>
        <Show when={plot().now}>
          {(now) => (
            <g class="now">
              <line x1={now().x} x2={now().x} y1={ROOM.top} y2={HEIGHT - ROOM.foot} />
              <For each={now().dots}>{([look, y]) => <circle class={look} cx={now().x} cy={y} r="4" />}</For>
            </g>
          )}
        </Show>
        <Show when={hover()}>
          {(at) => (
            <line class="cursor" x1={plot().x(at())} x2={plot().x(at())} y1={ROOM.top} y2={HEIGHT - ROOM.foot} />
          )}
        </Show>
      </svg>
    </div>
  )
}

type Plot = ReturnType<typeof layout>

function Grid(props: { plot: Accessor<Plot>; width: number }) {
  return (
    <>
      <Index each={props.plot().rows}>
        {(row) => (
          <>
            <line class="grid" x1={ROOM.left} x2={props.width - ROOM.right} y1={row().y} y2={row().y} />
            <text class="tick" x={ROOM.left - 6} y={row().y + 4} text-anchor="end">
              {row().label}
            </text>
          </>
        )}
      </Index>
      <Index each={props.plot().ticks}>
        {(tick) => (
          <text class="tick" x={tick().x} y={HEIGHT - 6} text-anchor={tick().anchor}>
            {tick().label}
          </text>
        )}
      </Index>
    </>
  )
}

/** The lines by name with their looks. */
function Keys(props: { chart: Data }) {
  return (
    <For each={props.chart.lines}>
      {(line) => (
        <span class="mech-key">
          <span class={`stroke ${line.look}`} /> {line.name}
        </span>
      )}
    </For>
  )
}

function Readout(props: { chart: Data; at: number }) {
  return (
    <>
      <strong>{props.chart.x.say(props.at)}</strong>{' '}
      <For each={props.chart.lines}>
        {(line) => {
          const value = () => valueAt(line, props.at)
          return (
            <span class="mech-key">
              <span class={`stroke ${line.look}`} /> {line.name}{' '}
              <span class="fig">{value() === undefined ? '—' : props.chart.y.say(value() as number)}</span>
            </span>
          )
        }}
      </For>
    </>
  )
}

function layout(chart: Data, width: number) {
  const { x: over, y: up } = chart
  const right = width - ROOM.right
  const bottom = HEIGHT - ROOM.foot
  const x = (at: number) => ROOM.left + ((at - over.from) / (over.to - over.from || 1)) * (right - ROOM.left)
  const y = (at: number) => ROOM.top + ((up.to - at) / (up.to - up.from || 1)) * (bottom - ROOM.top)
  const now = chart.now
  return {
    x,
    valueOf: (place: number) => over.from + ((place - ROOM.left) / (right - ROOM.left)) * (over.to - over.from),
    lines: chart.lines.map(({ look, points, step }) => ({
      look,
      path: lineOf(stepped(points, step).map(([a, b]) => [x(a), y(b)])),
    })),
    rows: niceSteps(up.from, up.to, 5).map((at) => ({ y: y(at), label: up.say(at) })),
    ticks: niceSteps(over.from, over.to, Math.max(2, Math.floor(width / 110))).map((at) => ({
      ...{ x: x(at), label: over.say(at) },
      anchor: x(at) > right - 24 ? ('end' as const) : ('middle' as const),
    })),
    cuts: cutsOf(chart, { x, y, right, bottom }),
    now:
      now === undefined || now < over.from || now > over.to
        ? undefined
        : {
            x: x(now),
            dots: chart.lines.flatMap((line) => {
              const value = valueAt(line, now)
              return value === undefined ? [] : [[line.look, y(value)] as const]
            }),
          },
  }
}

function stepped(points: readonly (readonly [number, number])[], step: boolean | undefined) {
  if (!step) return points
  return points.flatMap(([at, value], index) => {
    const before = points[index - 1]
    return before
      ? ([
          [at, before[1]],
          [at, value],
        ] as const)
      : ([[at, value]] as const)
  })
}

type Scales = {
  readonly x: (at: number) => number
  readonly y: (at: number) => number
  readonly right: number
  readonly bottom: number
}

/** Cuts at a value of x have their names above the plot, those at a value of y at its right end. */
function cutsOf({ cuts = [], x: over, y: up }: Data, { x, y, right, bottom }: Scales) {
  const upright = cuts.filter((cut) => cut.x !== undefined && cut.x >= over.from && cut.x <= over.to)
  const level = cuts.filter((cut) => cut.y !== undefined && cut.y >= up.from && cut.y <= up.to)
  const places = apart(
    level.map(({ y: at = 0 }) => y(at)),
    14,
    ROOM.top,
    bottom + 2,
  )
  const labels = inLanes(
    upright.map(({ name, look, x: at = 0 }) => ({ text: `${name} ${over.say(at)}`, look, at: x(at) })),
    [ROOM.left, right],
  )
  return [
    ...labels.map(({ text, look, place, lane, anchor }) => ({
      ...{
        text,
        look,
        anchor,
        x1: place,
        x2: place,
        y1: 16 + lane * 14,
        y2: bottom,
        textX: place,
        textY: 12 + lane * 14,
      },
    })),
    ...level.map(({ name, look, y: at = 0 }, index) => ({
      ...{ text: `${name} ${up.say(at)}`, look, anchor: 'end' as const },
      ...{ x1: ROOM.left, x2: right, y1: y(at), y2: y(at), textX: right, textY: (places[index] as number) - 4 },
    })),
  ]
}
