/**
 * Columns as points: what borrowers lost against what lenders and the protocol with its insurance lost, below 0 a gain. On a dashed line all three
 * together lost the same. Filled are the columns that none is ahead of in all three, told by the library.
 */
import { createMemo, For, Show } from 'solid-js'
import type { ArenaPoint } from '../../../lib/sim/index.ts'
import { niceSteps } from '../data/round-steps.ts'
import { ChartGrid } from './chart-grid.tsx'

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
    <section class="scroll-x" tabindex="0" aria-label="plot of what borrowers and those who lend to them lost">
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
          borrowers’ cost, part of the debt
        </text>
        <text class="tick" x={LEFT} y={10}>
          lenders’ and protocol’s cost, part of the debt; dashed: the same in all
        </text>
        <For each={plot().same}>
          {(line) => (
            <g data-same={line.label}>
              <line class="arena-same" x1={line.x1} y1={line.y1} x2={line.x2} y2={line.y2} />
              <text class="tick" x={line.x2 - 4} y={line.y2 - 3} text-anchor="end">
                {line.label}
              </text>
            </g>
          )}
        </For>
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

const others = ({ lenders, protocol }: ArenaPoint) => lenders + protocol

function layout(points: readonly ArenaPoint[]) {
  const [x, least, most] = scale(
    points.map(({ borrowers }) => borrowers),
    LEFT,
    WIDTH - RIGHT,
  )
  const [y, low, high] = scale(points.map(others), HEIGHT - FOOT - 4, TOP + 16)
  return {
    columns: niceSteps(least, most, 6).map((value) => ({ x: x(value), label: percent(value) })),
    rows: niceSteps(low, high, 4).map((value) => ({ y: y(value), label: percent(value) })),
    same: sameLines({ x, y, least, most, low, high }),
    dots: labelled(points, x, y),
  }
}

/** Values with the zero, at least 1 % wide and with a margin on both sides, on a line of the picture. */
function scale(values: readonly number[], from: number, to: number) {
  const [least, most] = [Math.min(0, ...values), Math.max(0.01, ...values)]
  const margin = (most - least) * 0.04
  const place = (value: number) => from + ((value - least + margin) / (most - least + 2 * margin)) * (to - from)
  return [place, least, most] as const
}

type Frame = {
  readonly x: (value: number) => number
  readonly y: (value: number) => number
  readonly least: number
  readonly most: number
  readonly low: number
  readonly high: number
}

/** Lines on which the sum is the same, cut to the frame. */
function sameLines({ x, y, least, most, low, high }: Frame) {
  return niceSteps(least + low, most + high, 5).flatMap((sum) => {
    const [left, right] = [Math.max(least, sum - high), Math.min(most, sum - low)]
    if (!(right > left)) return []
    return [{ x1: x(left), y1: y(sum - left), x2: x(right), y2: y(sum - right), label: percent(sum) }]
  })
}

/** Names beside their points, higher and higher until they touch no other name. */
function labelled(points: readonly ArenaPoint[], x: (value: number) => number, y: (value: number) => number): Dot[] {
  const taken: { from: number; to: number; y: number }[] = []
  return [...points]
    .sort((a, b) => a.borrowers - b.borrowers)
    .map((point) => {
      const { id, borrowers, behind } = point
      const [px, py, width] = [x(borrowers), y(others(point)), id.length * LETTER]
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
  return `${points.length} mechanisms, simulated, by what borrowers lost and what lenders and the protocol lost; no other is ahead of: ${ahead.join(', ')}`
}

const PARTIES = [
  ['borrowers', 'borrowers’ cost'],
  ['lenders', 'lenders’ cost'],
  ['protocol', 'protocol’s cost'],
  ['social', 'all three'],
] as const

/** The table twin. */
export function ParetoTable(props: Props) {
  return (
    <section class="scroll-x" tabindex="0" aria-label="cost of those who pay by mechanism">
      <table>
        <thead>
          <tr>
            <th scope="col">mechanism</th>
            <For each={PARTIES}>
              {([, title]) => (
                <th scope="col" class="num">
                  {title}
                </th>
              )}
            </For>
            <th scope="col">behind: these cost none of the three more and one less</th>
          </tr>
        </thead>
        <tbody>
          <For each={props.points}>
            {(point) => (
              <tr>
                <th scope="row">{point.id}</th>
                <For each={PARTIES}>{([party]) => <td class="num">{(100 * point[party]).toFixed(2)} %</td>}</For>
                <td>
                  <Show when={point.behind.length > 0} fallback="nobody">
                    {point.behind.join(', ')}
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
