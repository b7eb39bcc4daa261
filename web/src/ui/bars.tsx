/** Bars over time: shorts (bought) above the axis, longs (sold) below; what has no side grey; deaf time hatched. */
import { type Accessor, createMemo, createSignal, createUniqueId, For, onCleanup, onMount, Show } from 'solid-js'
import { formatCount, formatShare, formatTime, formatUsd } from '../../../lib/analytics/index.ts'
import { useTerminal } from './context.ts'
import { axisOf, type Bucket, timeTicks } from './series.ts'

const LEFT = 52
const FOOT = 26
const STRIP = 7

/** What is drawn. `plain`: no sides, everything upward. */
export type BarsProps = {
  readonly buckets: readonly Bucket[]
  readonly height: number
  readonly plain?: boolean
  readonly label: string
  /** Opens the rows of a column. */
  readonly onPick: (bucket: Bucket) => void
}

/** The chart. Its figures are in the table twin; a click opens the rows of a column. */
export function Bars(props: BarsProps) {
  const { simulated } = useTerminal()
  const [width, setWidth] = createSignal(600)
  const [hover, setHover] = createSignal<number>()
  const hatch = createUniqueId()
  let home: HTMLDivElement | undefined
  onMount(() => {
    const watch = new ResizeObserver(([entry]) => entry && setWidth(Math.max(120, entry.contentRect.width)))
    if (home) watch.observe(home)
    onCleanup(() => watch.disconnect())
  })
  const plot = createMemo(() => layout(props, width()))
  const under = () => {
    const index = hover()
    return index === undefined ? undefined : props.buckets[index]
  }
  const move = (event: PointerEvent & { currentTarget: SVGElement }) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT
    const index = Math.floor((x / Math.max(1, width() - LEFT)) * props.buckets.length)
    setHover(index >= 0 && index < props.buckets.length ? index : undefined)
  }
  const pick = () => {
    const bucket = under()
    if (bucket) props.onPick(bucket)
  }
  return (
    <div class="bars" classList={{ sim: simulated() }} ref={home}>
      <p class="readout" aria-hidden="true">
        <Show when={under()} fallback={<span class="label">{legend(props.plain ?? false, plot().axis.log)}</span>}>
          {(bucket) => readout(bucket(), props.plain ?? false)}
        </Show>
      </p>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the table twin holds the same links for the keyboard */}
      <svg
        width={width()}
        height={props.height}
        role="img"
        aria-label={props.label}
        onPointerMove={move}
        onPointerLeave={() => setHover(undefined)}
        onClick={pick}
      >
        <Hatch id={hatch} />
        <Grid plot={plot} />
        <For each={plot().deaf}>
          {(box) => <rect {...box} y={8} height={props.height - FOOT - 8} fill={`url(#${hatch})`} class="deaf" />}
        </For>
        <For each={plot().bars}>{(bar) => <rect {...bar} />}</For>
        <line class="axis" x1={LEFT} x2={width()} y1={plot().zero} y2={plot().zero} />
        <Show when={hover() !== undefined}>
          <rect
            class="hover"
            x={LEFT + (hover() ?? 0) * plot().step}
            y={8}
            width={plot().step}
            height={props.height - FOOT - 8}
          />
        </Show>
        <For each={plot().heard}>{(box) => <rect {...box} />}</For>
        <Times plot={plot} y={props.height - 5} />
        <Show when={simulated()}>
          <text class="watermark" x={(width() + LEFT) / 2} y={plot().zero - 14} text-anchor="middle">
            SIM ⊢
          </text>
        </Show>
      </svg>
    </div>
  )
}

function Hatch(props: { id: string }) {
  return (
    <defs>
      <pattern id={props.id} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <line x1="0" y1="0" x2="0" y2="5" class="hatch-line" />
      </pattern>
    </defs>
  )
}

function Times(props: { plot: Accessor<ReturnType<typeof layout>>; y: number }) {
  return (
    <For each={props.plot().times}>
      {({ x, label }) => (
        <text class="tick" x={x} y={props.y} text-anchor="middle">
          {label}
        </text>
      )}
    </For>
  )
}

function Grid(props: { plot: Accessor<ReturnType<typeof layout>> }) {
  return (
    <For each={props.plot().lines}>
      {({ y, label, width }) => (
        <>
          <line class="grid" x1={LEFT} x2={width} y1={y} y2={y} />
          <text class="tick" x={LEFT - 6} y={y + 4} text-anchor="end">
            {label}
          </text>
        </>
      )}
    </For>
  )
}

function layout({ buckets, height, plain }: BarsProps, width: number) {
  const bottom = height - FOOT
  const zero = plain ? bottom - 1 : Math.round(8 + (bottom - 8) / 2)
  const reach = zero - 10
  const axis = axisOf(plain ? buckets.map(({ usd }) => usd) : buckets.flatMap((bucket) => [bucket.long, bucket.short]))
  const step = (width - LEFT) / Math.max(1, buckets.length)
  const thick = Math.max(1, step - Math.max(1, Math.min(3, step * 0.2)))
  const length = (usd: number) => (usd > 0 ? Math.max(1.5, axis.place(usd) * reach) : 0)
  const left = (index: number) => LEFT + index * step + (step - thick) / 2
  // Dollars of unknown side stand beside the others, half above and half below: they belong to neither.
  const mixed = !plain && buckets.some(({ unknown }) => unknown > 0)
  const wide = mixed ? thick * 0.74 : thick
  const box = (kind: string, x: number, y: number, wideness: number, tall: number) => ({
    ...{ class: `bar ${kind}`, x, y, width: wideness, height: tall },
  })
  const bars = buckets.flatMap((bucket, index) => {
    const x = left(index)
    if (plain) return bucket.usd > 0 ? [box('unknown', x, zero - length(bucket.usd), wide, length(bucket.usd))] : []
    const [up, down, none] = [length(bucket.short), length(bucket.long), length(bucket.unknown / 2)]
    return [
      ...(up > 0 ? [box('short', x, zero - up, wide, up)] : []),
      ...(down > 0 ? [box('long', x, zero, wide, down)] : []),
      ...(none > 0 ? [box('unknown', x + wide + 1, zero - none, Math.max(1, thick - wide - 1), none * 2)] : []),
    ]
  })
  const lines = axis.ticks.flatMap(({ value, label }) => {
    const away = axis.place(value) * reach
    return plain ? [{ y: zero - away, label, width }] : [-1, 1].map((sign) => ({ y: zero + sign * away, label, width }))
  })
  const from = buckets[0]?.from ?? 0
  const to = buckets.at(-1)?.to ?? 1
  const times = timeTicks(from, to, Math.max(2, Math.floor((width - LEFT) / 76)))
    .map(({ at, label }) => ({ x: LEFT + ((at - from) / (to - from)) * (width - LEFT), label }))
    .filter(({ x }) => x > LEFT + 14 && x < width - 14)
  const deaf = buckets.flatMap(({ heard }, index) =>
    heard !== undefined && heard < 0.5 ? [{ x: LEFT + index * step, width: step }] : [],
  )
  const heard = buckets.flatMap(({ heard }, index) => {
    const at = { x: LEFT + index * step, width: step + 0.3 }
    const deafness = heard === undefined || heard === 0 || heard > 0.99999 ? 0 : Math.max(1.2, (1 - heard) * STRIP)
    const base = { ...at, class: `heard ${heard ? 'full' : 'none'}`, y: bottom + 2, height: STRIP }
    return deafness > 0 ? [base, { ...at, class: 'heard deaf-part', y: bottom + 2, height: deafness }] : [base]
  })
  return { zero, axis, step, bars, lines, times, deaf, heard }
}

function legend(plain: boolean, log: boolean): string {
  const sides = plain
    ? 'grey: loans have no side'
    : '▲ short liquidated (bought) · ▼ long liquidated (sold) · ◆ side unknown'
  return `${sides}${log ? ' · log scale' : ''} · strip: coverage, amber = deaf`
}

function readout(bucket: Bucket, plain: boolean) {
  const time = `${formatTime(bucket.from).slice(5, 16)}–${formatTime(bucket.to).slice(11, 16)}`
  const rest = ` · ${formatCount(bucket.events)} orders${bucket.unpriced > 0 ? `, ${bucket.unpriced} unpriced` : ''} · heard ${formatShare(bucket.heard)}`
  if (plain) return <>{`${time}  ${formatUsd(bucket.usd)}${rest}`}</>
  return (
    <>
      {time} <span class="short">▲ {formatUsd(bucket.short)}</span> <span class="long">▼ {formatUsd(bucket.long)}</span>
      <Show when={bucket.unknown > 0}>
        <span class="unknown"> ◆ {formatUsd(bucket.unknown)}</span>
      </Show>
      {rest}
    </>
  )
}
