/** The fan: what the price may do after the shock, with forced orders and without, as quantiles over seeded paths. */
import { createMemo, createSignal, For, Index, onCleanup, onMount, Show } from 'solid-js'
import { formatCount, formatNumber } from '../../../lib/analytics/index.ts'
import type { FanState } from '../data/cascade-fan.ts'
import { FAN_SHARES, type Fan } from '../data/cascade-paths.ts'
import { niceSteps } from '../data/round-steps.ts'
import { fanSentence } from './cascade-fan-words.ts'
import { coinPrice } from './cascade-words.ts'

const LEFT = 64
const RIGHT = 12
const TOP = 10
const FOOT = 24
const HEIGHT = 260

type FanProps = { readonly fan: Fan; readonly start: number }

/** The chart. */
export function FanChart(props: FanProps & { readonly stale: boolean }) {
  const [width, setWidth] = createSignal(560)
  let home: HTMLDivElement | undefined
  onMount(() => {
    const watch = new ResizeObserver(([entry]) => entry && setWidth(Math.max(220, entry.contentRect.width)))
    if (home) watch.observe(home)
    onCleanup(() => watch.disconnect())
  })
  const plot = createMemo(() => layout(props, width()))
  return (
    <div ref={home} classList={{ outdated: props.stale }}>
      <p class="readout label" aria-hidden="true">
        <span class="key fan-wide" /> 5–95 % <span class="key fan-narrow" /> 25–75 % <span class="key fan-median" />{' '}
        median, with forced orders <span class="key fan-outside" /> median outside, without
      </p>
      <svg width={width()} height={HEIGHT} role="img" aria-label={fanSentence(props.fan, props.start)}>
        <text class="watermark" x={width() - 20} y={HEIGHT - 40} text-anchor="end">
          SIM
        </text>
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
        <path class="fan-band wide" d={plot().wide} />
        <path class="fan-band narrow" d={plot().narrow} />
        <path class="fan-line outside" d={plot().outside} />
        <path class="fan-line median" d={plot().median} />
      </svg>
    </div>
  )
}

function layout({ fan, start }: FanProps, width: number) {
  const { columns } = fan
  const last = columns[columns.length - 1]?.hours || 1
  const values = columns.flatMap(({ price, outside }) => [...price, outside[2] as number])
  const [low, high] = [Math.min(start, ...values), Math.max(start, ...values)]
  const pad = (high - low) * 0.05 || start * 0.01
  const x = (hours: number) => LEFT + (hours / last) * (width - LEFT - RIGHT)
  const y = (price: number) => TOP + ((high + pad - price) / (high - low + 2 * pad)) * (HEIGHT - FOOT - TOP)
  const line = (pick: (column: Fan['columns'][number]) => number, how = 'M') =>
    columns.map((one, at) => `${at === 0 ? how : 'L'}${x(one.hours).toFixed(1)} ${y(pick(one)).toFixed(1)}`).join('')
  const band = (a: number, b: number) => {
    const back = [...columns].reverse()
    const upper = line(({ price }) => price[b] as number)
    return `${upper}${back.map((one) => `L${x(one.hours).toFixed(1)} ${y(one.price[a] as number).toFixed(1)}`).join('')}Z`
  }
  return {
    wide: band(0, 4),
    narrow: band(1, 3),
    median: line(({ price }) => price[2] as number),
    outside: line(({ outside }) => outside[2] as number),
    rows: niceSteps(low - pad, high + pad, 5).map((at) => ({ y: y(at), label: coinPrice(at) })),
    ticks: niceSteps(0, last, Math.max(2, Math.floor(width / 110))).map((at) => ({
      x: x(at),
      label: `${formatNumber(at, 3)} h`,
    })),
  }
}

/** How far the run is, with a button to stop it or to run it. */
export function FanProgress(props: { state: FanState; onStop: () => void; onAgain: () => void }) {
  const running = () =>
    props.state.state === 'running' || props.state.state === 'waiting' || props.state.state === 'old'
  return (
    <p class="fan-progress">
      <progress
        max={props.state.fan?.of ?? 1}
        value={props.state.state === 'old' ? 0 : (props.state.fan?.paths ?? 0)}
        aria-label="paths that were run"
      />
      <span class="fig" data-testid="fan-state">
        {formatCount(props.state.fan?.paths ?? 0)} of {formatCount(props.state.fan?.of ?? 0)} paths ·{' '}
        {props.state.state === 'done'
          ? `${Math.round(props.state.ms)} ms in a worker`
          : props.state.state === 'stopped'
            ? 'stopped: a partial result'
            : 'running'}
      </span>
      <Show
        when={running()}
        fallback={
          <button type="button" class="tool" onClick={() => props.onAgain()}>
            run again
          </button>
        }
      >
        <button type="button" class="tool" onClick={() => props.onStop()}>
          stop
        </button>
      </Show>
    </p>
  )
}

/** The table twin. */
export function FanTable(props: FanProps) {
  return (
    <section class="scroll-x" tabindex="0" aria-label="quantiles of the price by time">
      <table>
        <thead>
          <tr>
            <th scope="col" class="num">
              hours
            </th>
            <For each={FAN_SHARES}>
              {(share) => (
                <th scope="col" class="num">
                  {share * 100} %
                </th>
              )}
            </For>
            <th scope="col" class="num">
              outside, median
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={props.fan.columns}>
            {(column) => (
              <tr>
                <th scope="row" class="num">
                  {formatNumber(column.hours, 4)}
                </th>
                <For each={column.price}>{(price) => <td class="num">{coinPrice(price)}</td>}</For>
                <td class="num">{coinPrice(column.outside[2])}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  )
}
