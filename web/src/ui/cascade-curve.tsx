/** The branching curve: how much one forced dollar forces next, at every price, against the line where nothing stops it. */
import { createMemo, createSignal, For, Index, onCleanup, onMount, Show } from 'solid-js'
import { formatNumber } from '../../../lib/analytics/index.ts'
import type { BranchingPoint, CliffMeter, CoinRun } from '../data/cascade.ts'
import { niceSteps } from '../data/round-steps.ts'
import { cliffSentence, coinPrice, moved } from './cascade-words.ts'

const LEFT = 42
const RIGHT = 12
const TOP = 12
const FOOT = 24
const HEIGHT = 210
/** Beyond this n the curve is cut off. */
const MOST = 3

type CurveProps = { readonly run: CoinRun; readonly curve: readonly BranchingPoint[] }

/** The chart. */
export function BranchingChart(props: CurveProps) {
  const [width, setWidth] = createSignal(520)
  let home: HTMLDivElement | undefined
  onMount(() => {
    const watch = new ResizeObserver(([entry]) => entry && setWidth(Math.max(220, entry.contentRect.width)))
    if (home) watch.observe(home)
    onCleanup(() => watch.disconnect())
  })
  const plot = createMemo(() => layout(props, width()))
  return (
    <div ref={home}>
      <svg width={width()} height={HEIGHT} role="img" aria-label={curveSentence(props)}>
        <Index each={plot().rows}>
          {(row) => (
            <>
              <line class={row().one ? 'one-line' : 'grid'} x1={LEFT} x2={width() - RIGHT} y1={row().y} y2={row().y} />
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
        <path class={`branching ${props.run.outcome.side}`} d={plot().path} />
        <line class="shock-mark" x1={plot().external} x2={plot().external} y1={TOP} y2={HEIGHT - FOOT} />
        <line class="price-line" x1={plot().price} x2={plot().price} y1={TOP} y2={HEIGHT - FOOT} />
      </svg>
    </div>
  )
}

function layout({ run, curve }: CurveProps, width: number) {
  const [first, last] = [curve[0]?.price ?? 0, curve[curve.length - 1]?.price ?? 1]
  const top = Math.max(1.3, Math.min(MOST, ...[Math.max(...curve.map(({ n }) => n)) * 1.08]))
  const x = (price: number) => LEFT + ((price - first) / (last - first || 1)) * (width - LEFT - RIGHT)
  const y = (n: number) => TOP + ((top - Math.min(n, top)) / top) * (HEIGHT - FOOT - TOP)
  const inside = (price: number) => Math.min(width - RIGHT, Math.max(LEFT, x(price)))
  return {
    path: curve.map(({ price, n }, at) => `${at === 0 ? 'M' : 'L'}${x(price).toFixed(1)} ${y(n).toFixed(1)}`).join(''),
    external: inside(run.outcome.external),
    price: inside(run.outcome.price),
    rows: [0, 0.5, 1, 2, 3]
      .filter((n) => n <= top)
      .map((n) => ({ y: y(n), one: n === 1, label: n === 1 ? 'n = 1' : String(n) })),
    ticks: niceSteps(Math.min(first, last), Math.max(first, last), Math.max(2, Math.floor(width / 110))).map((at) => ({
      x: x(at),
      label: coinPrice(at),
    })),
  }
}

/** The curve in a sentence. */
export function curveSentence({ run, curve }: CurveProps): string {
  const first = curve.find(({ n }) => n >= 1)
  const peak = curve.reduce((most, one) => (one.n > most.n ? one : most), { price: run.start, n: 0 })
  const where = first
    ? `n first reaches 1 at ${coinPrice(first.price)} (${moved(first.price, run.start)})`
    : 'n stays below 1 at every price shown'
  return `${where}; it is largest, ${formatNumber(peak.n, 3)}, at ${coinPrice(peak.price)}. Density of levels within 1 % times the impact per coin.`
}

/** The table twin, at round prices. */
export function BranchingTable(props: CurveProps) {
  const rows = () => props.curve.filter((_, at) => at % 8 === 0)
  return (
    <section class="scroll-x" tabindex="0" aria-label="branching ratio by price">
      <table>
        <thead>
          <tr>
            <th scope="col" class="num">
              price
            </th>
            <th scope="col" class="num">
              from start
            </th>
            <th scope="col" class="num">
              n
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={rows()}>
            {({ price, n }) => (
              <tr>
                <th scope="row" class="num">
                  {coinPrice(price)}
                </th>
                <td class="num">{moved(price, props.run.start)}</td>
                <td class="num">{Number.isFinite(n) ? formatNumber(n, 3) : '∞'}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  )
}

/** How near the cliff is: a scale of depth from nothing to twice the present, with the edge on it. */
export function CliffScale(props: { run: CoinRun; cliff: CliffMeter | undefined }) {
  const edge = () => (props.cliff ? Math.min(2, 1 / props.cliff.times) : undefined)
  return (
    <div class="cliff" data-testid="cliff">
      <div class="cliff-scale" aria-hidden="true">
        <Show when={edge()}>{(at) => <span class="cliff-edge" style={{ width: `${at() * 50}%` }} />}</Show>
        <span class="cliff-now" />
      </div>
      <p class="cliff-labels label" aria-hidden="true">
        <span>no depth</span>
        <span>now</span>
        <span>twice</span>
      </p>
      <p>{cliffSentence(props.cliff, props.run)}</p>
    </div>
  )
}
