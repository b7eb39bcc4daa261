/** A run's series as lines, and as a table. The change that was asked for is drawn over the rules of the date. */
import { createMemo, For, Show } from 'solid-js'
import { figureText, type IncidentSeries } from '../../../lib/sim/index.ts'
import { niceSteps } from '../data/round-steps.ts'
import { ChartGrid } from './chart-grid.tsx'

const WIDTH = 640
const HEIGHT = 250
const LEFT = 66
const RIGHT = 12
const TOP = 16
const FOOT = 36
/** Colours by line, repeated. */
const SHADES = ['a', 'b', 'c', 'd'] as const

type Line = {
  readonly name: string
  readonly shade: string
  readonly asked: boolean
  readonly points: IncidentSeries['lines'][number]['points']
}

/** Lines of the series and of the same one under the change. */
function linesOf(series: IncidentSeries, asked: IncidentSeries | undefined): readonly Line[] {
  const of = (one: IncidentSeries, changed: boolean) =>
    one.lines.map(
      ({ name, points }, at): Line => ({
        ...{ name: changed ? `${name}, changed` : name, asked: changed, points },
        shade: SHADES[(at + (changed ? one.lines.length : 0)) % SHADES.length] ?? 'a',
      }),
    )
  return [...of(series, false), ...(asked ? of(asked, true) : [])]
}

type Props = { readonly series: IncidentSeries; readonly asked: IncidentSeries | undefined }

/** The chart. */
export function IncidentChart(props: Props) {
  const plot = createMemo(() => layout(linesOf(props.series, props.asked)))
  return (
    <>
      <section class="scroll-x" tabindex="0" aria-label={props.series.title}>
        <svg class="incident-chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={spoken(props)}>
          <text class="incident-sim" x={WIDTH / 2} y={HEIGHT / 2} text-anchor="middle">
            SIM
          </text>
          <ChartGrid
            columns={plot().columns}
            rows={plot().rows}
            left={LEFT}
            right={WIDTH - RIGHT}
            top={TOP}
            bottom={HEIGHT - FOOT}
          />
          <For each={plot().paths}>
            {({ d, shade, asked, dots }) => (
              <>
                <path class={`incident-line shade-${shade}`} classList={{ asked }} d={d} />
                <For each={dots}>
                  {([x, y]) => <circle class={`incident-dot shade-${shade}`} cx={x} cy={y} r="3" />}
                </For>
              </>
            )}
          </For>
          <text class="tick" x={(LEFT + WIDTH - RIGHT) / 2} y={HEIGHT - 4} text-anchor="middle">
            {props.series.x}
          </text>
          <text class="tick" x={LEFT} y={10}>
            {props.series.y}
          </text>
        </svg>
      </section>
      <ul class="incident-legend">
        <For each={linesOf(props.series, props.asked)}>
          {({ name, shade, asked }) => (
            <li>
              <svg width="24" height="10" aria-hidden="true">
                <path class={`incident-line shade-${shade}`} classList={{ asked }} d="M0 5H24" />
              </svg>{' '}
              {name}
            </li>
          )}
        </For>
      </ul>
    </>
  )
}

function layout(lines: readonly Line[]) {
  const all = lines.flatMap(({ points }) => points)
  const [xs, ys] = [all.map(([x]) => x), all.map(([, y]) => y)]
  const [left, right] = [Math.min(...xs), Math.max(...xs)]
  const span = Math.max(...ys) - Math.min(...ys) || Math.abs(Math.max(...ys)) || 1
  // Sums of money begin at zero; a ratio near one keeps its own range.
  const bottom = Math.min(...ys) < span * 1.5 && Math.min(...ys) >= 0 ? 0 : Math.min(...ys) - span * 0.05
  const top = Math.max(...ys) + span * 0.05
  const x = (value: number) => LEFT + ((value - left) / (right - left || 1)) * (WIDTH - LEFT - RIGHT)
  const y = (value: number) => HEIGHT - FOOT - ((value - bottom) / (top - bottom || 1)) * (HEIGHT - FOOT - TOP)
  return {
    columns: niceSteps(left, right, 7).map((value) => ({ x: x(value), label: short(value) })),
    rows: niceSteps(bottom, top, 5).map((value) => ({ y: y(value), label: short(value) })),
    paths: lines.map(({ points, shade, asked }) => ({
      ...{ shade, asked },
      d: points.map(([px, py], at) => `${at === 0 ? 'M' : 'L'}${x(px).toFixed(1)} ${y(py).toFixed(1)}`).join(''),
      dots: points.length <= 20 ? points.map(([px, py]) => [x(px), y(py)] as const) : [],
    })),
  }
}

const short = (value: number) => figureText(value, Math.abs(value) >= 10_000 ? 'USD' : '').replace('$', '')

function spoken({ series, asked }: Props): string {
  const ends = linesOf(series, asked).map(({ name, points }) => {
    const [first, last] = [points[0], points.at(-1)]
    return first && last ? `${name} from ${short(first[1])} to ${short(last[1])}` : `${name} is empty`
  })
  return `${series.title}: ${ends.join('; ')}`
}

/** The table twin: every x of any line, at most two hundred of them. */
export function IncidentSeriesTable(props: Props) {
  const lines = () => linesOf(props.series, props.asked)
  const rows = createMemo(() => {
    const at = [...new Set(lines().flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b)
    const step = Math.ceil(at.length / 200)
    const maps = lines().map(({ points }) => new Map(points))
    return at.filter((_, index) => index % step === 0).map((x) => ({ x, values: maps.map((map) => map.get(x)) }))
  })
  return (
    <section class="scroll-x incident-twin" tabindex="0" aria-label={`${props.series.title}, as a table`}>
      <table class="incident-table">
        <thead>
          <tr>
            <th scope="col">{props.series.x}</th>
            <For each={lines()}>
              {({ name }) => (
                <th scope="col" class="num">
                  {name}, {props.series.y}
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>
          <For each={rows()}>
            {({ x, values }) => (
              <tr>
                <th scope="row">{figureText(x, '')}</th>
                <For each={values}>{(value) => <td class="num">{figureText(value, '')}</td>}</For>
              </tr>
            )}
          </For>
        </tbody>
      </table>
      <Show when={rows().length === 0}>
        <p class="note">nothing to show</p>
      </Show>
    </section>
  )
}
