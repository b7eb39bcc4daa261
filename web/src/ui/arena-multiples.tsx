/** A column as a small chart: price on its market over the outside price, debt per collateral below it, on axes that all columns share. */
import { For, Index, Show } from 'solid-js'
import { ARENA_MEASURES, type Arena, type ArenaRow } from '../../../lib/sim/index.ts'
import { EXACTNESS, measured } from './arena-words.ts'

const WIDTH = 260
const PRICE = { top: 14, height: 82 } as const
const RATIO = { top: 114, height: 44 } as const
const HEIGHT = RATIO.top + RATIO.height + 4
/** Ratios above are drawn at the edge. */
const MOST_RATIO = 1.2
/** Points of a line: more than pixels are none. */
const POINTS = 181

type Axes = { readonly low: number; readonly high: number; readonly ratio: number; readonly steps: number }
type Props = { readonly arena: Pick<Arena, 'crash'>; readonly rows: readonly ArenaRow[] }

/** Ends of the axes over all rows. */
export function axesOf({ arena, rows }: Props): Axes {
  const all = [...arena.crash.prices, ...rows.flatMap(({ series }) => series.price)]
  const ratios = rows.flatMap(({ series }) => series.ltv.filter((one): one is number => one !== null))
  return {
    low: all.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY),
    high: all.reduce((most, one) => Math.max(most, one), 0),
    ratio: Math.min(
      MOST_RATIO,
      ratios.reduce((most, one) => Math.max(most, one), 0.5),
    ),
    steps: arena.crash.prices.length,
  }
}

/** All columns. */
export function Multiples(props: Props) {
  const axes = () => axesOf(props)
  return (
    <div class="arena-multiples">
      <Index each={props.rows}>
        {(row) => <Multiple row={row()} axes={axes()} outside={props.arena.crash.prices} />}
      </Index>
    </div>
  )
}

const KEY = { takenShare: 'taken', badDebt: 'bad debt', low: 'low' } as const

function Multiple(props: { row: ArenaRow; axes: Axes; outside: readonly number[] }) {
  const priceY = (value: number) =>
    PRICE.top + PRICE.height * (1 - (value - props.axes.low) / Math.max(1e-9, props.axes.high - props.axes.low))
  const ratioY = (value: number) =>
    RATIO.top + RATIO.height * (1 - Math.min(value, props.axes.ratio) / props.axes.ratio)
  const line = (values: readonly (number | null)[], y: (value: number) => number) => lineOf(values, props.axes.steps, y)
  const figures = () => ARENA_MEASURES.filter(({ name }) => Object.hasOwn(KEY, name))
  return (
    <figure class="arena-card" data-column={props.row.id}>
      <figcaption>
        <strong>{props.row.id}</strong>
        <span class="tag" title={EXACTNESS[props.row.exactness][1]}>
          {EXACTNESS[props.row.exactness][0]}
        </span>
        <span class="arena-title">{props.row.title}</span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={spoken(props.row)}>
        <text class="arena-sim" x={WIDTH / 2} y={PRICE.top + PRICE.height / 2 + 12} text-anchor="middle">
          SIM
        </text>
        <rect class="arena-due" x="0" y={RATIO.top} width={WIDTH} height={RATIO.height} />
        <path class="arena-due-part" d={areaOf(props.row.series.due, props.axes.steps)} />
        <path class="arena-outside" d={line(props.outside, priceY)} />
        <path class="arena-price" d={line(props.row.series.price, priceY)} />
        <path class="arena-ratio" d={line(props.row.series.ltv, ratioY)} />
        <text class="tick" x="2" y="10">{`$${props.axes.high.toFixed(0)}`}</text>
        <text class="tick" x="2" y={PRICE.top + PRICE.height}>{`$${props.axes.low.toFixed(0)}`}</text>
        <text
          class="tick"
          x="2"
          y={RATIO.top - 4}
        >{`debt per collateral, up to ${(100 * props.axes.ratio).toFixed(0)} %`}</text>
        <text class="tick" x="2" y={RATIO.top + RATIO.height - 2}>
          0
        </text>
      </svg>
      <dl class="arena-figures">
        <For each={figures()}>
          {(measure) => (
            <div title={measure.says}>
              <dt>{KEY[measure.name as keyof typeof KEY]}</dt>
              <dd>⊢{measured(measure, measure.of(props.row))}</dd>
            </div>
          )}
        </For>
      </dl>
      <Show when={!props.row.finished}>
        <p class="broken">not finished</p>
      </Show>
    </figure>
  )
}

/** A line through every so many values; gaps where there is none. */
function lineOf(values: readonly (number | null)[], steps: number, y: (value: number) => number): string {
  const stride = Math.max(1, Math.floor(steps / POINTS))
  let path = ''
  let pen = 'M'
  for (let at = 0; at < values.length; at += stride) {
    const value = values[at]
    if (value === null || value === undefined) {
      pen = 'M'
      continue
    }
    path += `${pen}${((WIDTH * at) / Math.max(1, steps - 1)).toFixed(1)} ${y(value).toFixed(1)}`
    pen = 'L'
  }
  return path
}

/** Part of the accounts that is due, from the bottom of the lower lane. */
function areaOf(due: readonly number[], steps: number): string {
  const foot = RATIO.top + RATIO.height
  const line = lineOf(due, steps, (part) => foot - RATIO.height * Math.min(1, part))
  return line === '' ? '' : `${line}L${WIDTH} ${foot}L0 ${foot}Z`
}

function spoken(row: ArenaRow): string {
  const ratios = row.series.ltv.filter((one): one is number => one !== null)
  const most = ratios.reduce((all, one) => Math.max(all, one), 0)
  return `${row.title}, simulated: price from ${row.series.price[0]?.toFixed(0)} down to ${row.low.toFixed(0)} and at the end ${row.series.price.at(-1)?.toFixed(0)} dollars; debt per collateral at most ${(100 * most).toFixed(0)} percent`
}

/** The table twin: begin, lowest, end of both lines. */
export function MultiplesTable(props: Props) {
  const ratio = (value: number | null | undefined) =>
    value === null || value === undefined ? '—' : `${(100 * value).toFixed(1)} %`
  return (
    <section class="scroll-x" tabindex="0" aria-label="price and debt per collateral by mechanism">
      <table>
        <thead>
          <tr>
            <th scope="col">mechanism</th>
            <For
              each={['first price', 'lowest', 'last', 'debt/collateral first', 'highest', 'last', 'most accounts due']}
            >
              {(title) => (
                <th scope="col" class="num">
                  {title}
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>
          <For each={props.rows}>
            {({ id, low, series: { price, ltv, due } }) => (
              <tr>
                <th scope="row">{id}</th>
                <td class="num">{price[0]?.toFixed(2)}</td>
                <td class="num">{low.toFixed(2)}</td>
                <td class="num">{price.at(-1)?.toFixed(2)}</td>
                <td class="num">{ratio(ltv[0])}</td>
                <td class="num">{ratio(ltv.reduce<number>((most, one) => Math.max(most, one ?? 0), 0))}</td>
                <td class="num">{ratio(ltv.at(-1))}</td>
                <td class="num">{ratio(due.reduce((most, one) => Math.max(most, one), 0))}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  )
}
