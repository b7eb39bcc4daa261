/** Columns as points: what acting took from borrowers against the bad debt that was left; nearer to the corner is less of both. */
import { createMemo, For, Show } from 'solid-js'
import type { ArenaPoint } from '../../../lib/sim/index.ts'
import { ChartGrid } from './chart-grid.tsx'
import { niceSteps } from './position-path.tsx'

const WIDTH = 560
const HEIGHT = 330
const LEFT = 52
const RIGHT = 16
const TOP = 14
const FOOT = 38
const LETTER = 7

const percent = (value: number) => `${(100 * value).toFixed(Math.abs(value) < 0.0995 ? 1 : 0)} %`.replace('-', '−')

type Props = { readonly points: readonly ArenaPoint[] }

/** The plot. Hollow points are behind another one. */
export function ParetoChart(props: Props) {
  const plot = createMemo(() => layout(props.points))
  return (
    <section class="scroll-x" tabindex="0" aria-label="plot of what was taken and bad debt">
      <svg class="arena-pareto" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={spoken(props.points)}>
        <text class="arena-sim" x={WIDTH / 2} y={HEIGHT / 2} text-anchor="middle">
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
        <text class="tick" x={(LEFT + WIDTH - RIGHT) / 2} y={HEIGHT - 6} text-anchor="middle">
          taken from borrowers, part of the debt
        </text>
        <text class="tick" x={LEFT} y={10}>
          bad debt, part of the debt
        </text>
        <For each={plot().dots}>
          {(dot) => (
            <g data-point={dot.id}>
              <line class="arena-lead" x1={dot.x} x2={dot.labelX} y1={dot.y} y2={dot.labelY - 4} />
              <circle class="arena-dot" classList={{ behind: dot.behind }} cx={dot.x} cy={dot.y} r="5" />
              <text class="arena-name" x={dot.labelX} y={dot.labelY} text-anchor={dot.anchor}>
                {dot.id}
              </text>
            </g>
          )}
        </For>
      </svg>
    </section>
  )
}

type Dot = {
  readonly id: string
  readonly behind: boolean
  readonly x: number
  readonly y: number
  readonly labelX: number
  readonly labelY: number
  readonly anchor: 'start' | 'end'
}

function layout(points: readonly ArenaPoint[]) {
  const taken = points.map((one) => one.taken)
  const [least, most] = [Math.min(0, ...taken), Math.max(0.01, ...taken)]
  const worst = Math.max(0.01, ...points.map(({ badDebt }) => badDebt))
  const margin = (most - least) * 0.04
  const x = (value: number) => LEFT + ((value - least + margin) / (most - least + 2 * margin)) * (WIDTH - LEFT - RIGHT)
  const y = (value: number) => HEIGHT - FOOT - 8 - (value / worst) * (HEIGHT - FOOT - TOP - 20)
  return {
    columns: niceSteps(least, most, 6).map((value) => ({ x: x(value), label: percent(value) })),
    rows: niceSteps(0, worst, 4).map((value) => ({ y: y(value), label: percent(value) })),
    dots: labelled(points, x, y),
  }
}

/** Names beside their points, higher and higher until they touch no other name. */
function labelled(points: readonly ArenaPoint[], x: (value: number) => number, y: (value: number) => number): Dot[] {
  const taken: { from: number; to: number; y: number }[] = []
  return [...points]
    .sort((a, b) => a.taken - b.taken)
    .map(({ id, taken: part, badDebt, behind }) => {
      const [px, py, width] = [x(part), y(badDebt), id.length * LETTER]
      const anchor = px + width + 8 > WIDTH - RIGHT ? 'end' : 'start'
      const from = anchor === 'start' ? px + 7 : px - 7 - width
      const free = (at: number) =>
        taken.every((one) => Math.abs(one.y - at) > 12 || one.to < from || one.from > from + width)
      const places = Array.from({ length: 18 }, (_, lane) => py - 8 - 13 * lane).filter((at) => at > TOP + 6)
      const labelY = places.find(free) ?? py + 4
      taken.push({ from, to: from + width, y: labelY })
      return {
        id,
        behind: behind.length > 0,
        x: px,
        y: py,
        labelX: anchor === 'start' ? px + 7 : px - 7,
        labelY,
        anchor,
      }
    })
}

function spoken(points: readonly ArenaPoint[]): string {
  const ahead = points.filter(({ behind }) => behind.length === 0).map(({ id }) => id)
  return `${points.length} mechanisms, simulated, by what was taken from borrowers and bad debt; behind no other in both: ${ahead.join(', ')}`
}

/** The table twin. */
export function ParetoTable(props: Props) {
  return (
    <section class="scroll-x" tabindex="0" aria-label="taken from borrowers and bad debt by mechanism">
      <table>
        <thead>
          <tr>
            <th scope="col">mechanism</th>
            <th scope="col" class="num">
              taken
            </th>
            <th scope="col" class="num">
              bad debt
            </th>
            <th scope="col">behind, in one and not ahead in the other</th>
          </tr>
        </thead>
        <tbody>
          <For each={props.points}>
            {({ id, taken, badDebt, behind }) => (
              <tr>
                <th scope="row">{id}</th>
                <td class="num">{(100 * taken).toFixed(2)} %</td>
                <td class="num">{(100 * badDebt).toFixed(2)} %</td>
                <td>
                  <Show when={behind.length > 0} fallback="nobody">
                    {behind.join(', ')}
                  </Show>
                </td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  )
}
