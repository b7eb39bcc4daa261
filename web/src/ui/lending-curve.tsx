/** A loan's health factor as the price falls: one line, the threshold at 1, the asked fall. */
import { createMemo, createSignal, For, Index, onCleanup, onMount, Show } from 'solid-js'
import { formatFactor } from '../../../lib/analytics/index.ts'
import type { CurvePoint } from '../data/lending.ts'
import { niceSteps } from '../data/round-steps.ts'

const LEFT = 40
const RIGHT = 22
const TOP = 22
const FOOT = 38
const HEIGHT = 240
/** Beyond this the line leaves the chart. */
const MOST = 3

type CurveProps = { readonly points: readonly CurvePoint[]; readonly drop: number; readonly simulated: boolean }

/** The chart; its figures are in the table twin. */
export function HealthCurve(props: CurveProps) {
  const [width, setWidth] = createSignal(700)
  let home: HTMLDivElement | undefined
  onMount(() => {
    const watch = new ResizeObserver(([entry]) => entry && setWidth(Math.max(240, entry.contentRect.width)))
    if (home) watch.observe(home)
    onCleanup(() => watch.disconnect())
  })
  const plot = createMemo(() => layout(props.points, width()))
  const inside = () => props.drop >= 0 && props.drop <= plot().end
  return (
    <div class="path" ref={home}>
      <svg width={width()} height={HEIGHT} role="img" aria-label={curveSentence(props.points)}>
        <rect
          class="zone liquidated"
          x={LEFT}
          y={plot().y(1)}
          width={width() - LEFT - RIGHT}
          height={HEIGHT - FOOT - plot().y(1)}
        />
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
        <Show when={props.simulated}>
          <text class="watermark" x={width() / 2} y={HEIGHT / 2} text-anchor="middle">
            SIM
          </text>
        </Show>
        <line class="threshold" x1={LEFT} x2={width() - RIGHT} y1={plot().y(1)} y2={plot().y(1)} />
        <path class="curve equity" d={plot().path} />
        <Show when={inside()}>
          <Asked plot={plot()} points={props.points} drop={props.drop} />
        </Show>
        <Index each={plot().ticks}>
          {(tick) => (
            <text class="tick" x={tick().x} y={HEIGHT - 22} text-anchor="middle">
              {tick().label}
            </text>
          )}
        </Index>
        <text class="tick" x={0} y={10}>
          health factor
        </text>
        <text class="tick" x={(LEFT + width() - RIGHT) / 2} y={HEIGHT - 5} text-anchor="middle">
          fall of the price
        </text>
      </svg>
    </div>
  )
}

/** The asked fall: its line, and the factor there. */
function Asked(props: { plot: ReturnType<typeof layout>; points: readonly CurvePoint[]; drop: number }) {
  const right = () => props.drop > props.plot.end / 2
  const x = () => props.plot.x(props.drop)
  return (
    <>
      <line class="cursor" x1={x()} x2={x()} y1={TOP} y2={HEIGHT - FOOT} />
      <Show when={props.points.find(({ drop }) => drop === Math.round(props.drop))}>
        {(at) => (
          <>
            <circle class="curve-dot" cx={x()} cy={props.plot.y(at().factor)} r="4" />
            <text
              class="curve-says"
              x={x() + (right() ? -8 : 8)}
              y={Math.max(TOP + 10, props.plot.y(at().factor) - 8)}
              text-anchor={right() ? 'end' : 'start'}
            >
              {formatFactor(Number.isFinite(at().factor) ? at().factor : undefined)} at −{at().drop} %
            </text>
          </>
        )}
      </Show>
    </>
  )
}

function layout(points: readonly CurvePoint[], width: number) {
  const end = points.at(-1)?.drop ?? 90
  const finite = points.map(({ factor }) => Math.min(MOST, factor))
  const top = Math.max(1.25, ...finite) * 1.05
  const x = (drop: number) => LEFT + (drop / end) * (width - RIGHT - LEFT)
  const y = (factor: number) => HEIGHT - FOOT - (Math.min(factor, top) / top) * (HEIGHT - FOOT - TOP)
  const path = points
    .map(({ drop, factor }, index) => `${index === 0 ? 'M' : 'L'}${x(drop).toFixed(1)} ${y(factor).toFixed(1)}`)
    .join('')
  return {
    ...{ end, x, y, path },
    rows: niceSteps(0, top, 4).map((factor) => ({ y: y(factor), label: String(factor) })),
    ticks: niceSteps(0, end, Math.max(3, Math.floor(width / 90))).map((drop) => ({
      x: x(drop),
      label: drop === 0 ? 'now' : `−${drop} %`,
    })),
  }
}

/** The chart in one sentence. */
export function curveSentence(points: readonly CurvePoint[]): string {
  const [first] = points
  const broken = points.find(({ factor }) => factor < 1)
  const start = `Health factor ${formatFactor(first?.factor)} now.`
  if (!broken) return `${start} No fall up to ${points.at(-1)?.drop} % takes it below 1.`
  return broken.drop === 0 ? `${start} It is below 1.` : `${start} It is below 1 from a fall of ${broken.drop} % on.`
}

/** The table twin. */
export function HealthTable(props: { points: readonly CurvePoint[]; drop: number }) {
  const rows = () => props.points.filter(({ drop }) => drop % 5 === 0 || drop === props.drop)
  return (
    <section class="scroll-x" tabindex="0" aria-label="health factor by fall">
      <table class="ladder-table">
        <thead>
          <tr>
            <th scope="col" class="num">
              fall
            </th>
            <th scope="col" class="num">
              health factor
            </th>
            <th scope="col">is</th>
          </tr>
        </thead>
        <tbody>
          <For each={rows()}>
            {({ drop, factor }) => (
              <tr classList={{ chosen: drop === props.drop }}>
                <th scope="row" class="num">
                  {drop === 0 ? 'now' : `−${drop} %`}
                </th>
                <td class="num">{formatFactor(Number.isFinite(factor) ? factor : undefined)}</td>
                <td class={factor < 1 ? 'long' : 'label'}>{factor < 1 ? 'liquidatable' : 'healthy'}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  )
}
