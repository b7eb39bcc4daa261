/** Lines over an axis, with straight cuts, the slider's place, and what stands under the pointer. */
import { type Accessor, createMemo, createSignal, For, Index, Show } from 'solid-js'
import type { LinesChart as Data } from '../../data/mechanisms/panel.ts'
import { niceSteps } from '../../data/round-steps.ts'
import { apart, createWidth, inLanes, lineOf, ROOM, timeSteps, valueAt } from './plot.ts'

const HEIGHT = 262

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
        <Show when={hover() ?? within(props.chart)} fallback={<Keys chart={props.chart} />}>
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
            </g>
          )}
        </Index>
        <Index each={plot().lines}>{(line) => <path class={`mech-line ${line().look}`} d={line().path} />}</Index>
        <Index each={plot().cuts}>
          {(cut) => (
            <g class={`cut ${cut().look}`}>
              <text x={cut().textX} y={cut().textY} text-anchor={cut().anchor}>
                {cut().text}
              </text>
            </g>
          )}
        </Index>
        <Show when={plot().now}>
          {(now) => (
            <g class="now">
              <line x1={now().x} x2={now().x} y1={plot().top} y2={HEIGHT - ROOM.foot} />
              <For each={now().dots}>{([look, y]) => <circle class={look} cx={now().x} cy={y} r="4" />}</For>
            </g>
          )}
        </Show>
        <Show when={hover()}>
          {(at) => (
            <line class="cursor" x1={plot().x(at())} x2={plot().x(at())} y1={plot().top} y2={HEIGHT - ROOM.foot} />
          )}
        </Show>
      </svg>
    </div>
  )
}

/** Where the slider stands, if that is on the axis: beside it the chart has nothing to tell of it. */
function within({ now, x }: Data): number | undefined {
  return now !== undefined && now >= x.from && now <= x.to ? now : undefined
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
          <>
            <line class="grid" x1={tick().x} x2={tick().x} y1={HEIGHT - ROOM.foot} y2={HEIGHT - ROOM.foot + 4} />
            <text class="tick" x={tick().x} y={HEIGHT - 22} text-anchor={tick().anchor}>
              {tick().label}
            </text>
          </>
        )}
      </Index>
      <text class="tick axis-name" x={(ROOM.left + props.width - ROOM.right) / 2} y={HEIGHT - 5} text-anchor="middle">
        {props.plot().names[0]}
      </text>
      <text class="tick axis-name" x={0} y={11}>
        {props.plot().names[1]}
      </text>
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
      <span class="label">{props.chart.x.label}</span> <strong class="readout-at">{props.chart.x.say(props.at)}</strong>
      <For each={props.chart.lines}>
        {(line) => {
          const value = () => valueAt(line, props.at)
          return (
            <span class="mech-key">
              <span class={`stroke ${line.look}`} /> {line.name}{' '}
              <span class="fig">{sayOf(props.chart, line, value())}</span>
            </span>
          )
        }}
      </For>
    </>
  )
}

/** A value of a line in its own words. */
export function sayOf(chart: Data, line: Data['lines'][number], value: number | undefined): string {
  return value === undefined ? '—' : (line.say ?? chart.y.say)(value)
}

/** Room above a plot: the name of its axis, then the lanes that the names of upright cuts need. */
const NAME_ROOM = 18
const LANE = 14

function layout(chart: Data, width: number) {
  const { x: over, y: up } = chart
  const right = width - ROOM.right
  const bottom = HEIGHT - ROOM.foot
  const x = (at: number) => ROOM.left + ((at - over.from) / (over.to - over.from || 1)) * (right - ROOM.left)
  const labels = upright(chart, x, right)
  const top = NAME_ROOM + 4 + LANE * Math.max(0, ...labels.map(({ lane }) => lane + 1))
  const y = (at: number) => top + ((up.to - at) / (up.to - up.from || 1)) * (bottom - top)
  const most = Math.max(2, Math.floor(width / 110))
  const now = within(chart)
  return {
    x,
    top,
    names: [over.label, up.label] as const,
    valueOf: (place: number) => over.from + ((place - ROOM.left) / (right - ROOM.left)) * (over.to - over.from),
    lines: chart.lines.map(({ look, points, step }) => ({
      look,
      path: lineOf(stepped(points, step).map(([a, b]) => [x(a), y(b)])),
    })),
    rows: niceSteps(up.from, up.to, 5).map((at) => ({ y: y(at), label: up.say(at) })),
    ticks: ticksOf(chart, most).map(({ at, label }) => ({
      ...{ x: x(at), label },
      anchor: x(at) > right - 24 ? ('end' as const) : ('middle' as const),
    })),
    cuts: [...labels.map((label) => uprightCut(label, bottom)), ...levelCuts(chart, y, top, right, bottom)],
    now:
      now === undefined
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

/** The marks of the lower axis: its own, at whole times, or at round numbers; of its own as many as there is room for. */
function ticksOf({ x: over }: Data, most: number) {
  const { ticks, seconds, from, to, say } = over
  if (ticks) {
    const gap = (to - from) / (most + 1)
    return ticks.reduce<(typeof ticks)[number][]>((kept, tick) => {
      if (kept.every(({ at }) => Math.abs(at - tick.at) >= gap)) kept.push(tick)
      return kept
    }, [])
  }
  const places = seconds === undefined ? niceSteps(from, to, most) : timeSteps(from, to, most, seconds)
  return places.map((at) => ({ at, label: say(at) }))
}

/** Cuts at a value of x, with their names in lanes above the plot. */
function upright({ cuts = [], x: over }: Data, x: (at: number) => number, right: number) {
  const inside = cuts.filter((cut) => cut.x !== undefined && cut.x >= over.from && cut.x <= over.to)
  return inLanes(
    inside.map(({ name, look, x: at = 0 }) => ({ text: `${name} ${over.say(at)}`, look, at: x(at) })),
    [ROOM.left, right],
  )
}

function uprightCut({ text, look, place, lane, anchor }: ReturnType<typeof upright>[number], bottom: number) {
  const textY = NAME_ROOM + 10 + lane * LANE
  return { ...{ text, look, anchor, textX: place, textY }, ...{ x1: place, x2: place, y1: textY + 4, y2: bottom } }
}

/** Cuts at a value of y have their names at their right end. */
function levelCuts({ cuts = [], y: up }: Data, y: (at: number) => number, top: number, right: number, bottom: number) {
  const level = cuts.filter((cut) => cut.y !== undefined && cut.y >= up.from && cut.y <= up.to)
  const places = apart(
    level.map(({ y: at = 0 }) => y(at)),
    14,
    top,
    bottom + 2,
  )
  return level.map(({ name, look, y: at = 0 }, index) => ({
    ...{ text: `${name} ${up.say(at)}`, look, anchor: 'end' as const },
    ...{ x1: ROOM.left, x2: right, y1: y(at), y2: y(at), textX: right, textY: (places[index] as number) - 4 },
  }))
}
