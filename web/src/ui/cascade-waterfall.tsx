/** The waterfall: all levels of a coin on the price axis, the shock as a line to drag, and the rounds one after the other. */
import { createMemo, createSignal, For, Index, onCleanup, onMount, Show } from 'solid-js'
import { formatCount, formatUsd } from '../../../lib/analytics/index.ts'
import { type CoinRun, firedAt } from '../data/cascade.ts'
import { niceSteps } from '../data/round-steps.ts'
import { coinPrice, moved, runSentence } from './cascade-words.ts'
import { percent } from './position-words.ts'

const LEFT = 64
const RIGHT = 14
const TOP = 20
const FOOT = 36
const BINS = 72
/** The longest bar takes this part of the room. */
const LONGEST = 0.86

type Props = {
  readonly run: CoinRun
  /** The other side's levels: they stand, but are not forced by this shock. */
  readonly others: CoinRun['side']
  /** Rounds that have happened. */
  readonly round: number
  readonly onShock: (shock: number, done: boolean) => void
}

/** Dollars per bin of price, in three parts by round. */
type Bar = {
  readonly y: number
  readonly height: number
  readonly parts: readonly { readonly kind: string; readonly width: number }[]
}

/** The chart. The line follows pointer and keys; the table twin has the figures. */
export function Waterfall(props: Props) {
  const [width, setWidth] = createSignal(640)
  const height = () => (width() < 500 ? 340 : 430)
  let home: HTMLDivElement | undefined
  let svg: SVGSVGElement | undefined
  onMount(() => {
    const watch = new ResizeObserver(([entry]) => entry && setWidth(Math.max(240, entry.contentRect.width)))
    if (home) watch.observe(home)
    onCleanup(() => watch.disconnect())
  })
  const plot = createMemo(() => layout(props, width(), height()))
  const shockAt = (event: PointerEvent) => {
    const y = event.clientY - (svg?.getBoundingClientRect().top ?? 0)
    return Math.max(-0.95, plot().priceAt(y) / props.run.start - 1)
  }
  const drag = createDrag(shockAt, (shock, done) => props.onShock(shock, done))
  const key = (event: KeyboardEvent) => {
    const step = KEY_STEPS[event.key]
    if (step === undefined) return
    event.preventDefault()
    props.onShock(Math.max(-0.95, Math.min(2, props.run.shock + step)), true)
  }
  return (
    <div class="waterfall" ref={home}>
      <svg ref={svg} width={width()} height={height()} {...drag} role="img" aria-label={runSentence(props.run)}>
        <text class="watermark" x={width() - 24} y={height() - 52} text-anchor="end">
          SIM
        </text>
        <Axes plot={plot()} width={width()} height={height()} />
        <Index each={plot().bars}>{(bar) => <LevelBar bar={bar()} />}</Index>
        <Lines plot={plot()} width={width()} />
        <line class="shock-mark" x1={LEFT} x2={width() - RIGHT} y1={plot().external} y2={plot().external} />
      </svg>
      <div
        class="shock-handle"
        role="slider"
        tabIndex={0}
        style={{ top: `${plot().external}px` }}
        aria-label={`shock of ${props.run.coin}`}
        aria-orientation="vertical"
        aria-valuemin={-95}
        aria-valuemax={200}
        aria-valuenow={Number((props.run.shock * 100).toFixed(2))}
        aria-valuetext={`${percent(props.run.shock)} from outside, ends at ${moved(props.run.outcome.price, props.run.start)}`}
        onKeyDown={key}
        {...drag}
        data-testid="shock-line"
      >
        ⇕ shock {percent(props.run.shock)}
      </div>
    </div>
  )
}

const KEY_STEPS: Readonly<Record<string, number>> = {
  ...{ ArrowUp: 0.001, ArrowRight: 0.001, ArrowDown: -0.001, ArrowLeft: -0.001, PageUp: 0.01, PageDown: -0.01 },
}

/** Pointer events that turn a press on the chart into a moved line. */
function createDrag(at: (event: PointerEvent) => number, move: (shock: number, done: boolean) => void) {
  let held = false
  return {
    onPointerDown: (event: PointerEvent & { currentTarget: Element }) => {
      if (event.button !== 0) return
      held = true
      event.currentTarget.setPointerCapture(event.pointerId)
      move(at(event), false)
    },
    onPointerMove: (event: PointerEvent) => held && move(at(event), false),
    onPointerUp: (event: PointerEvent) => {
      if (!held) return
      held = false
      move(at(event), true)
    },
    onPointerCancel: () => {
      held = false
    },
  }
}

function LevelBar(props: { bar: Bar }) {
  const placed = () => {
    let x = LEFT
    return props.bar.parts.map((part) => {
      const at = { ...part, x }
      x += part.width
      return at
    })
  }
  return (
    <Index each={placed()}>
      {(part) => (
        <rect
          class={`level-bar ${part().kind}`}
          x={part().x}
          y={props.bar.y}
          width={part().width}
          height={props.bar.height}
        />
      )}
    </Index>
  )
}

/** Prices at the left, dollars below. */
function Axes(props: { plot: ReturnType<typeof layout>; width: number; height: number }) {
  return (
    <>
      <Index each={props.plot.ticks}>
        {(tick) => (
          <>
            <line class="grid" x1={LEFT} x2={props.width - RIGHT} y1={tick().y} y2={tick().y} />
            <text class="tick" x={LEFT - 6} y={tick().y + 4} text-anchor="end">
              {tick().label}
            </text>
          </>
        )}
      </Index>
      <Index each={props.plot.usd}>
        {(tick) => (
          <>
            <line class="grid" x1={tick().x} x2={tick().x} y1={props.height - FOOT} y2={props.height - FOOT + 4} />
            <text class="tick" x={tick().x} y={props.height - 20} text-anchor="middle">
              {tick().label}
            </text>
          </>
        )}
      </Index>
      <text class="tick" x={0} y={10}>
        price, $
      </text>
      <text class="tick" x={(LEFT + props.width - RIGHT) / 2} y={props.height - 4} text-anchor="middle">
        notional that would be liquidated, $ per bar
      </text>
    </>
  )
}

function Lines(props: { plot: ReturnType<typeof layout>; width: number }) {
  return (
    <>
      <line class="start-line" x1={LEFT} x2={props.width - RIGHT} y1={props.plot.start} y2={props.plot.start} />
      <text class="line-name" x={LEFT + 4} y={props.plot.start - 4}>
        start {props.plot.startLabel}
      </text>
      <line class="price-line" x1={LEFT} x2={props.width - RIGHT} y1={props.plot.now} y2={props.plot.now} />
      <text class="line-name price-name" x={LEFT + 4} y={props.plot.now + (props.plot.falls ? 14 : -5)}>
        price {props.plot.nowLabel}
      </text>
    </>
  )
}

/** The price after so many rounds; of none, the external one. */
export function priceAfter({ outcome }: CoinRun, round: number): number {
  return round <= 0
    ? outcome.external
    : (outcome.rounds[Math.min(round, outcome.rounds.length) - 1]?.after ?? outcome.price)
}

/** Prices that the chart spans: where nearly everything stands, and the run's own. */
export function rangeOf({ start, outcome, side }: CoinRun, others: CoinRun['side']): [number, number] {
  const far = (one: CoinRun['side']) => {
    const all = one.units[one.levels.length] as number
    const at = one.levels.findIndex((_, index) => (one.units[index + 1] as number) >= 0.96 * all)
    return one.levels[at]?.price
  }
  const known = [start * 0.9, start * 1.1, outcome.external, outcome.price, far(side), far(others)]
  const prices = known.filter((at) => at !== undefined && Number.isFinite(at)) as number[]
  const [low, high] = [Math.max(0, Math.min(...prices)), Math.max(...prices)]
  return [Math.max(0, low - 0.03 * start), high + 0.03 * start]
}

function layout({ run, others, round }: Props, width: number, height: number) {
  const [from, to] = rangeOf(run, others)
  const y = (price: number) => TOP + ((to - price) / (to - from)) * (height - FOOT - TOP)
  const priceAt = (place: number) => to - ((place - TOP) / (height - FOOT - TOP)) * (to - from)
  const now = priceAfter(run, round)
  const room = width - LEFT - RIGHT
  const { bars, most } = barsOf(run, others, { round, from, to, bins: BINS, y, room })
  return {
    y,
    priceAt,
    bars,
    usd: niceSteps(0, most / LONGEST, Math.max(2, Math.floor(room / 120))).map((usd) => ({
      x: LEFT + (usd / most) * room * LONGEST,
      label: usd === 0 ? '0' : formatUsd(usd),
    })),
    start: y(run.start),
    startLabel: coinPrice(run.start),
    external: y(run.outcome.external),
    now: y(Math.max(from, now)),
    falls: run.shock <= 0,
    nowLabel: `${coinPrice(now)}, ${moved(now, run.start)}`,
    ticks: niceSteps(from, to, Math.max(4, Math.floor(height / 52))).map((at) => ({ y: y(at), label: coinPrice(at) })),
  }
}

type BarsOf = {
  readonly round: number
  readonly from: number
  readonly to: number
  readonly bins: number
  readonly y: (price: number) => number
  readonly room: number
}

/** Bars per bin: forced before, forced in this round, standing; both sides; and the dollars of the longest. */
export function barsOf(
  run: CoinRun,
  others: CoinRun['side'],
  { round, from, to, bins, y, room }: BarsOf,
): { readonly bars: readonly Bar[]; readonly most: number } {
  const { outcome, side } = run
  const fired = (rounds: number) => outcome.rounds.slice(0, rounds).reduce((sum, { levels }) => sum + levels.length, 0)
  const [before, now] = [fired(round - 1), fired(round)]
  const edges = Array.from({ length: bins + 1 }, (_, at) => from + ((to - from) * at) / bins)
  const parts = edges.slice(0, -1).map((low, bin) => {
    const [near, far] = ends(side, low, edges[bin + 1] as number)
    const units = (a: number, b: number) =>
      Math.max(0, (side.units[Math.min(far, b)] as number) - (side.units[Math.min(far, Math.max(near, a))] as number))
    const [otherNear, otherFar] = ends(others, low, edges[bin + 1] as number)
    const middle = (low + (edges[bin + 1] as number)) / 2
    return [
      { kind: `gone ${side.side}`, usd: units(near, Math.max(near, before)) * middle },
      { kind: `now ${side.side}`, usd: units(Math.max(near, before), Math.max(near, now)) * middle },
      { kind: `standing ${side.side}`, usd: units(Math.max(near, now), far) * middle },
      {
        kind: `standing ${others.side}`,
        usd: ((others.units[otherFar] as number) - (others.units[otherNear] as number)) * middle,
      },
    ]
  })
  const most = Math.max(1e-9, ...parts.map((bin) => bin.reduce((sum, { usd }) => sum + usd, 0)))
  const bars = parts.map((bin, at) => ({
    y: y(edges[at + 1] as number),
    height: Math.max(1, y(edges[at] as number) - y(edges[at + 1] as number) - 0.6),
    parts: bin.filter(({ usd }) => usd > 0).map(({ kind, usd }) => ({ kind, width: (usd / most) * room * LONGEST })),
  }))
  return { bars, most }
}

/** Where a bin begins and ends among the levels of a side, nearest first. */
function ends(side: CoinRun['side'], low: number, high: number): [number, number] {
  const [a, b] = side.side === 'long' ? [high, low] : [low, high]
  return [firedAt(side, a), firedAt(side, b)]
}

/** The rounds as a list: what each forced, and how far the price went. */
export function RoundList(props: { run: CoinRun; round: number; onRound: (round: number) => void }) {
  const rounds = () => props.run.outcome.rounds
  const most = () => Math.max(1e-9, ...rounds().map(({ quantity, fill }) => quantity * fill))
  return (
    <ol class="round-list">
      <For each={rounds()}>
        {(one, at) => (
          <li>
            <button
              type="button"
              classList={{ past: at() < props.round, current: at() + 1 === props.round }}
              aria-pressed={at() + 1 === props.round}
              onClick={() => props.onRound(at() + 1)}
            >
              <span class="round-name">
                {at() + 1} {at() === 0 ? 'shock' : 'impact'}{' '}
                {percent(
                  at() === 0 ? props.run.shock : (one.before - priceAfter(props.run, at() - 1)) / props.run.start,
                )}
              </span>
              <span class="num">
                {formatUsd(one.quantity * one.fill)} · {formatCount(one.levels.length)}
              </span>
              <span
                class={`round-bar ${props.run.outcome.side}`}
                style={{ width: `${((one.quantity * one.fill) / most()) * 100}%` }}
              />
            </button>
          </li>
        )}
      </For>
      <Show when={rounds().length > 0}>
        <li class="label">
          then it stands at {coinPrice(props.run.outcome.price)}, {moved(props.run.outcome.price, props.run.start)}
        </li>
      </Show>
    </ol>
  )
}

/** Small multiples: every round at once, nothing moves. */
export function RoundMultiples(props: { run: CoinRun; others: CoinRun['side'] }) {
  const [wide, high] = [112, 96]
  const shown = createMemo(() => {
    const [from, to] = rangeOf(props.run, props.others)
    const y = (price: number) => 2 + ((to - price) / (to - from)) * (high - 4)
    return props.run.outcome.rounds.slice(0, 12).map((one, at) => ({
      at: at + 1,
      bars: barsOf(props.run, props.others, { round: at + 1, from, to, bins: 32, y, room: wide }).bars,
      after: y(Math.max(from, one.after)),
      words: `${moved(one.after, props.run.start)}, ${formatUsd(one.quantity * one.fill)}`,
    }))
  })
  return (
    <div class="multiples" role="img" aria-label="every round as a picture of its own; the table twin has the figures">
      <For each={shown()}>
        {(one) => (
          <figure>
            <svg width={wide} height={high} aria-hidden="true" viewBox={`${LEFT} 0 ${wide} ${high}`}>
              <For each={one.bars}>{(bar) => <LevelBar bar={bar} />}</For>
              <line class="price-line" x1={LEFT} x2={LEFT + wide} y1={one.after} y2={one.after} />
            </svg>
            <figcaption>
              <strong>{one.at}</strong> {one.words}
            </figcaption>
          </figure>
        )}
      </For>
      <Show when={props.run.outcome.rounds.length > 12}>
        <p class="label">and {props.run.outcome.rounds.length - 12} more rounds in the table twin</p>
      </Show>
    </div>
  )
}
