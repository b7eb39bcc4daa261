/** The drain: how funding, paid day by day, moves the liquidation price toward the mark. */
import { createMemo, createSignal, For, Index, onCleanup, onMount, Show } from 'solid-js'
import { formatNumber } from '../../../lib/analytics/index.ts'
import type { VenueFigures } from '../data/position.ts'
import { niceSteps } from '../data/round-steps.ts'
import { money, percent, price } from './position-words.ts'

const LEFT = 58
const RIGHT = 12
const TOP = 14
const FOOT = 22
const HEIGHT = 190
const SAMPLES = 60
const LEAST_DAYS = 30
const MOST_DAYS = 365

type FundingProps = { readonly figures: VenueFigures }

/** The chart; its figures are in the table twin. */
export function FundingChart(props: FundingProps) {
  const [width, setWidth] = createSignal(500)
  let home: HTMLDivElement | undefined
  onMount(() => {
    const watch = new ResizeObserver(([entry]) => entry && setWidth(Math.max(240, entry.contentRect.width)))
    if (home) watch.observe(home)
    onCleanup(() => watch.disconnect())
  })
  const plot = createMemo(() => layout(props.figures, width()))
  return (
    <div class="path" ref={home}>
      <svg width={width()} height={HEIGHT} role="img" aria-label={drainWords(props.figures)}>
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
        <line class="curve mark-line" x1={LEFT} x2={width() - RIGHT} y1={plot().markY} y2={plot().markY} />
        <path class="curve liquidation-line" d={plot().line} />
        <text class="tick" x={width() - RIGHT} y={plot().markY - 5} text-anchor="end">
          mark
        </text>
        <Show when={plot().now}>{(dot) => <circle class="now-dot" cx={dot().x} cy={dot().y} r="4" />}</Show>
        <Show when={plot().end}>
          {(end) => (
            <g class="mark liquidation">
              <line x1={end()} x2={end()} y1={TOP} y2={HEIGHT - FOOT} />
            </g>
          )}
        </Show>
      </svg>
    </div>
  )
}

/** The sentence under the chart. */
export function drainWords(figures: VenueFigures): string {
  const { fundingPerDay: perDay, settle, drainedAfterDays: drained, days } = figures
  if (perDay === 0) return 'No funding is paid at a rate of 0: the liquidation price stays where it is.'
  const pays = perDay > 0 ? 'pays' : 'receives'
  const start = `This position ${pays} ${money(Math.abs(perDay), figures)} ${settle} of funding a day at this rate and mark price`
  if (perDay < 0) return `${start}: its liquidation price moves away from the mark.`
  const paid = days > 0 ? `; ${money(perDay * days, figures)} after ${days} d` : ''
  if (drained === undefined) return `${start}${paid}.`
  if (drained <= 0) return `${start}${paid}: it is liquidatable already.`
  return `${start}${paid}. Funding alone liquidates it after ${drained < 10 ? drained.toFixed(1) : Math.round(drained)} days, with no move of the price.`
}

function daysShown({ days, drainedAfterDays }: VenueFigures): number {
  const until = drainedAfterDays === undefined ? LEAST_DAYS : drainedAfterDays * 1.1
  return Math.max(2, Math.min(Math.max(MOST_DAYS, days), Math.max(days * 1.1, until <= MOST_DAYS ? until : LEAST_DAYS)))
}

function layout(figures: VenueFigures, width: number) {
  const last = daysShown(figures)
  const right = width - RIGHT
  const days = Array.from({ length: SAMPLES + 1 }, (_, index) => (last * index) / SAMPLES)
  const points = days
    .map((day) => [day, figures.liquidationAfterDays(day)] as const)
    .filter((point): point is readonly [number, number] => point[1] !== undefined)
  const prices = [figures.mark, ...points.map(([, at]) => at)]
  const spread = Math.max(...prices) - Math.min(...prices) || figures.mark * 0.01
  const [low, high] = [Math.max(0, Math.min(...prices) - spread * 0.1), Math.max(...prices) + spread * 0.15]
  const x = (day: number) => LEFT + (day / last) * (right - LEFT)
  const y = (at: number) => TOP + ((high - at) / (high - low)) * (HEIGHT - FOOT - TOP)
  const drained = figures.drainedAfterDays
  const here = figures.liquidationAfterDays(figures.days)
  return {
    line: points
      .map(([day, at], index) => `${index === 0 ? 'M' : 'L'}${x(day).toFixed(1)} ${y(at).toFixed(1)}`)
      .join(''),
    markY: y(figures.mark),
    now: here === undefined ? undefined : { x: x(figures.days), y: y(here) },
    end: drained !== undefined && drained > 0 && drained <= last ? x(drained) : undefined,
    ticks: niceSteps(0, last, Math.max(2, Math.floor(width / 90))).map((day) => ({ x: x(day), label: `${day} d` })),
    rows: niceSteps(low, high, 4).map((at) => ({ y: y(at), label: formatNumber(at, 6) })),
  }
}

/** The table twin. */
export function FundingTable(props: FundingProps) {
  const rows = createMemo(() => niceSteps(0, daysShown(props.figures), 10))
  return (
    <section class="scroll-x" tabindex="0" aria-label="liquidation price by days held">
      <table>
        <thead>
          <tr>
            <th scope="col" class="num">
              days
            </th>
            <th scope="col" class="num">
              funding paid
            </th>
            <th scope="col" class="num">
              liquidation price
            </th>
            <th scope="col" class="num">
              from mark
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={rows()}>
            {(day) => (
              <tr>
                <th scope="row" class="num">
                  {day}
                </th>
                <td class="num">{money(props.figures.fundingPerDay * day, props.figures)}</td>
                <td class="num">{price(props.figures.liquidationAfterDays(day), props.figures)}</td>
                <td class="num">{distance(props.figures, props.figures.liquidationAfterDays(day))}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  )
}

function distance({ mark }: VenueFigures, at: number | undefined): string {
  return at === undefined ? '—' : percent(at / mark - 1)
}
