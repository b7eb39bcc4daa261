/** The ladder: collateral that becomes liquidatable by how far prices fall, in parts, with a line that can be drawn. */
import { createMemo, createSignal, For, Index, onCleanup, onMount, Show } from 'solid-js'
import {
  formatCount,
  formatShare,
  formatUsd,
  type LadderAnswer,
  type LadderGroup,
  type LadderRung,
} from '../../../lib/analytics/index.ts'
import { niceSteps } from '../data/round-steps.ts'
import { DROP } from '../state/lending.ts'

const LEFT = 62
const RIGHT = 10
const TOP = 12
const FOOT = 34
const HEIGHT = 300
/** Parts with a shade of their own; the rest is one. */
const PARTS = 5

/** By what the bars are divided. */
export type LadderBy = 'collateral' | 'protocol'

type ChartProps = {
  readonly ladder: LadderAnswer
  /** The rung under the line. */
  readonly asked: LadderAnswer
  readonly by: LadderBy
  readonly drop: number
  readonly simulated: boolean
  readonly move: (drop: number, done: boolean) => void
}

/** A part of the bars by name, the largest first; `rest` when it stands for several. */
export function partsOf(rungs: readonly LadderRung[], by: LadderBy): readonly string[] {
  const sums = new Map<string, number>()
  for (const { groups } of rungs)
    for (const group of groups) sums.set(nameOf(group, by), (sums.get(nameOf(group, by)) ?? 0) + group.today)
  return [...sums].sort((a, b) => b[1] - a[1]).map(([name]) => name)
}

const nameOf = (group: LadderGroup, by: LadderBy) => (by === 'protocol' ? group.protocol : group.asset)

function todayOf({ groups }: LadderRung, name: string, by: LadderBy): number {
  return groups.reduce((sum, group) => (nameOf(group, by) === name ? sum + group.today : sum), 0)
}

/** The chart; its figures are in the table twin. */
export function LadderChart(props: ChartProps) {
  const [width, setWidth] = createSignal(700)
  let home: HTMLDivElement | undefined
  onMount(() => {
    const watch = new ResizeObserver(([entry]) => entry && setWidth(Math.max(240, entry.contentRect.width)))
    if (home) watch.observe(home)
    onCleanup(() => watch.disconnect())
  })
  const plot = createMemo(() => layout(props.ladder, props.by, width()))
  return (
    <div class="ladder">
      <Legend names={plot().names} asked={props.asked} by={props.by} />
      <div class="ladder-plot" ref={home} style={{ height: `${HEIGHT}px` }}>
        <svg width={width()} height={HEIGHT} role="img" aria-label={ladderSentence(props.ladder, props.asked)}>
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
            <text class="watermark" x={LEFT + 14} y={TOP + 50}>
              SIM
            </text>
          </Show>
          <Index each={plot().bars}>
            {(bar) => (
              <g classList={{ sim: props.simulated }}>
                <Index each={bar().parts}>
                  {(part) => (
                    <rect
                      class={`part part-${part().shade}`}
                      x={bar().x}
                      width={bar().width}
                      y={part().y}
                      height={part().height}
                    />
                  )}
                </Index>
              </g>
            )}
          </Index>
          <line class="axis" x1={LEFT} x2={width() - RIGHT} y1={HEIGHT - FOOT} y2={HEIGHT - FOOT} />
          <Index each={plot().ticks}>
            {(tick) => (
              <text class="tick" x={tick().x} y={HEIGHT - FOOT + 15} text-anchor="middle">
                {tick().label}
              </text>
            )}
          </Index>
          <text class="tick" x={(LEFT + width()) / 2} y={HEIGHT - 4} text-anchor="middle">
            fall of the price
          </text>
        </svg>
        <DropLine plot={plot()} drop={props.drop} asked={props.asked} move={props.move} />
      </div>
    </div>
  )
}

type Plot = ReturnType<typeof layout>

/** A fall in percent; a negative one is a rise. */
const fallText = (drop: number) => (drop < 0 ? `+${-drop} %` : `−${drop} %`)

/** The line at the asked fall: drawn with the pointer, moved by the arrow keys. */
function DropLine(props: { plot: Plot; drop: number; asked: LadderAnswer; move: ChartProps['move'] }) {
  const [held, setHeld] = createSignal(false)
  const at = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const box = event.currentTarget.parentElement?.getBoundingClientRect()
    return props.plot.dropAt(event.clientX - (box?.left ?? 0))
  }
  const keys: Readonly<Record<string, number>> = {
    ...{ ArrowLeft: -DROP.step, ArrowDown: -DROP.step, ArrowRight: DROP.step, ArrowUp: DROP.step },
    ...{ PageDown: -5, PageUp: 5, Home: -1_000, End: 1_000 },
  }
  const press = (event: KeyboardEvent) => {
    const by = keys[event.key]
    if (by === undefined) return
    event.preventDefault()
    event.stopPropagation()
    props.move(props.drop + by, true)
  }
  const place = () => Math.min(props.plot.right, Math.max(LEFT, props.plot.x(props.drop)))
  return (
    <>
      {/* The whole plot takes the pointer: a line one pixel wide is hard to meet. */}
      <div
        class="ladder-ground"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          setHeld(true)
          props.move(at(event), false)
        }}
        onPointerMove={(event) => held() && props.move(at(event), false)}
        onPointerUp={(event) => {
          if (held()) props.move(at(event), true)
          setHeld(false)
        }}
        onPointerCancel={() => setHeld(false)}
      />
      <div
        class="drop-line"
        classList={{ held: held(), flip: place() > props.plot.right - 150 }}
        style={{ left: `${place()}px`, top: `${TOP}px`, height: `${HEIGHT - FOOT - TOP}px` }}
        role="slider"
        tabIndex={0}
        data-testid="drop-line"
        aria-label="fall of the price"
        aria-orientation="horizontal"
        aria-valuemin={DROP.least}
        aria-valuemax={DROP.most}
        aria-valuenow={props.drop}
        aria-valuetext={`${fallText(props.drop)}: ${formatCount(props.asked.asked.accounts)} loans, ${formatUsd(props.asked.asked.today)}`}
        onKeyDown={press}
      >
        <span class="drop-label">
          {fallText(props.drop)} · <strong>{formatUsd(props.asked.asked.today)}</strong>
        </span>
      </div>
    </>
  )
}

function Legend(props: { names: readonly string[]; asked: LadderAnswer; by: LadderBy }) {
  const shown = () => props.names.slice(0, PARTS)
  const rest = () => props.names.slice(PARTS).reduce((sum, name) => sum + todayOf(props.asked.asked, name, props.by), 0)
  return (
    <ul class="ladder-legend">
      <For each={shown()}>
        {(name, index) => (
          <li>
            <span class={`swatch part-${index()}`} /> {name}{' '}
            <span class="label">{formatUsd(todayOf(props.asked.asked, name, props.by))}</span>
          </li>
        )}
      </For>
      <Show when={props.names.length > PARTS}>
        <li>
          <span class={`swatch part-${PARTS}`} /> others <span class="label">{formatUsd(rest())}</span>
        </li>
      </Show>
    </ul>
  )
}

function layout(ladder: LadderAnswer, by: LadderBy, width: number) {
  const names = partsOf(ladder.rows, by)
  const right = width - RIGHT
  const drops = ladder.rows.map(({ drop }) => drop)
  const end = Math.max(10, ...drops) * 1.04
  const x = (drop: number) => LEFT + (drop / end) * (right - LEFT)
  const gap = drops.length > 1 ? Math.min(...drops.slice(1).map((drop, index) => drop - (drops[index] as number))) : 5
  const barWidth = Math.max(2, (x(gap) - x(0)) * 0.72)
  const most = Math.max(1, ...ladder.rows.map(({ today }) => today))
  const base = HEIGHT - FOOT
  const y = (usd: number) => base - (usd / (most * 1.06)) * (base - TOP)
  return {
    ...{ names, right, x },
    dropAt: (place: number) => ((place - LEFT) / (right - LEFT)) * end,
    bars: ladder.rows.map((row) => ({
      x: x(row.drop) - barWidth / 2,
      width: barWidth,
      parts: stacked(row, names, by, y),
    })),
    rows: niceSteps(0, most * 1.06, 5).map((usd) => ({ y: y(usd), label: formatUsd(usd) })),
    ticks: niceSteps(0, end, Math.max(3, Math.floor(width / 90)))
      .filter((drop) => drop > 0 && drop < end)
      .map((drop) => ({ x: x(drop), label: `−${drop} %` })),
  }
}

function stacked(row: LadderRung, names: readonly string[], by: LadderBy, y: (usd: number) => number) {
  let below = 0
  const sizes = names.map((name) => todayOf(row, name, by))
  const own = sizes.slice(0, PARTS)
  const rest = sizes.slice(PARTS).reduce((sum, size) => sum + size, 0)
  return [...own, rest].flatMap((size, shade) => {
    if (size <= 0) return []
    const [from, to] = [y(below), y(below + size)]
    below += size
    return [{ shade, y: to, height: Math.max(0.5, from - to) }]
  })
}

/** The chart in one sentence. */
export function ladderSentence(ladder: LadderAnswer, { asked }: LadderAnswer): string {
  const { accounts, today, debt, badDebt } = asked
  const move = `${asked.move < 0 ? '−' : '+'}${Number(Math.abs(asked.move * 100).toPrecision(10))} %`
  if (accounts === 0) return `At ${move} none of ${formatCount(ladder.loans)} loans is liquidatable.`
  const bad = badDebt > 0 ? `, ${formatUsd(badDebt)} of it not covered then` : ''
  return `At ${move}, ${formatCount(accounts)} of ${formatCount(ladder.loans)} loans are liquidatable: ${formatUsd(today)} of collateral today against ${formatUsd(debt)} of debt${bad}.`
}

/** The table twin: every rung with its sums and parts. */
export function LadderTable(props: { ladder: LadderAnswer; by: LadderBy; drop: number }) {
  const names = createMemo(() => partsOf(props.ladder.rows, props.by))
  const rows = () => [{ drop: 0, ...props.ladder.now }, ...props.ladder.rows]
  return (
    <section class="scroll-x" tabindex="0" aria-label="the ladder as a table">
      <table class="ladder-table">
        <thead>
          <tr>
            <th scope="col" class="num">
              fall
            </th>
            <For each={['loans', 'collateral today', 'at that price', 'debt', 'bad debt', 'largest loan', ...names()]}>
              {(name) => (
                <th scope="col" class="num">
                  {name}
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>
          <For each={rows()}>
            {(row) => (
              <tr classList={{ chosen: row.drop === props.drop }}>
                <th scope="row" class="num">
                  {row.drop === 0 ? 'now' : `−${row.drop} %`}
                </th>
                <td class="num">{formatCount(row.accounts)}</td>
                <td class="num">{formatUsd(row.today)}</td>
                <td class="num">{formatUsd(row.collateral)}</td>
                <td class="num">{formatUsd(row.debt)}</td>
                <td class="num" classList={{ broken: row.badDebt > 0 }}>
                  {formatUsd(row.badDebt)}
                </td>
                <td class="num">{formatShare(row.largest)}</td>
                <For each={names()}>
                  {(name) => <td class="num label">{formatUsd(todayOf(row, name, props.by))}</td>}
                </For>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  )
}
