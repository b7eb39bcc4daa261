/** The map: a canvas of price by time in dollars, today's clusters of both layers beside it, and one price line to drag. */
import { createEffect, createMemo, createSignal, Index, onCleanup, onMount, Show } from 'solid-js'
import { formatTime, formatUsd } from '../../../lib/analytics/index.ts'
import { CLUSTER_BINS } from '../data/heatmap-model.ts'
import { niceSteps } from '../data/round-steps.ts'
import { coinPrice } from './cascade-words.ts'
import { heatColours, heatScale } from './heatmap-colours.ts'
import { Clusters, FOOT, type Frame, type Framed, HEIGHT, LEFT, type MapProps, PriceLine } from './heatmap-marks.tsx'
import { movedWindow, type Window, zoomPrice, zoomTime } from './heatmap-window.ts'

/** Canvas, clusters, line and keys. */
export function HeatMap(props: MapProps) {
  const [width, setWidth] = createSignal(900)
  const [hover, setHover] = createSignal<{ x: number; y: number }>()
  let home: HTMLDivElement | undefined
  onMount(() => {
    const watch = new ResizeObserver(([entry]) => entry && setWidth(Math.max(280, entry.contentRect.width)))
    if (home) watch.observe(home)
    onCleanup(() => watch.disconnect())
  })
  const side = () => Math.min(260, width() * 0.26)
  const right = () => width() - side()
  const y = (price: number) => ((props.window.high - price) / (props.window.high - props.window.low)) * (HEIGHT - FOOT)
  const priceAt = (place: number) =>
    props.window.high - (place / (HEIGHT - FOOT)) * (props.window.high - props.window.low)
  const frame = { width, right, y, priceAt }
  const pan = createPan(props, frame)
  const wheel = (event: WheelEvent) => {
    if (!event.ctrlKey && !home?.contains(document.activeElement)) return
    event.preventDefault()
    const box = home?.getBoundingClientRect()
    const at = priceAt(event.clientY - (box?.top ?? 0))
    const factor = Math.exp(event.deltaY * 0.0015)
    props.onWindow(event.shiftKey ? zoomTime(props, factor) : zoomPrice(props, factor, at), false)
  }
  onMount(() => home?.addEventListener('wheel', wheel, { passive: false }))
  return (
    <div class="heat" ref={home}>
      <p class="readout" aria-hidden="true" data-testid="readout">
        <Show when={hover()} fallback={<span class="label">point at a cell: price, time, exact dollars</span>}>
          {(at) => readoutAt(props, frame, at())}
        </Show>
      </p>
      <section
        class="heat-plot"
        tabindex="0"
        aria-label={spokenMap(props)}
        onKeyDown={(event) => keys(event, props)}
        style={{ height: `${HEIGHT}px` }}
      >
        <Picture {...props} frame={frame} />
        <svg
          width={width()}
          height={HEIGHT}
          aria-hidden="true"
          {...pan}
          onPointerLeave={() => setHover(undefined)}
          onPointerMove={(event) => {
            const box = event.currentTarget.getBoundingClientRect()
            setHover({ x: event.clientX - box.left, y: event.clientY - box.top })
            pan.onPointerMove(event)
          }}
        >
          <Axes {...props} frame={frame} />
          <Clusters {...props} frame={frame} />
        </svg>
        <PriceLine {...props} frame={frame} />
      </section>
    </div>
  )
}

function spokenMap({ picture, facts, window }: MapProps): string {
  const kind = picture.layer === 'exact' ? 'exact' : 'estimated'
  return `Map of ${kind} liquidation levels, ${coinPrice(window.low)} to ${coinPrice(window.high)}, price ${coinPrice(facts.price)}. Keys: plus and minus zoom, arrows move, 0 shows all.`
}

/** A press on the map that moves it. */
function createPan(props: MapProps, { right }: Frame) {
  let held: { x: number; y: number; window: Window } | undefined
  const moveTo = (event: PointerEvent, done: boolean) => {
    if (!held) return
    const bars = (held.x - event.clientX) / Math.max(1, right() - LEFT)
    const prices = (event.clientY - held.y) / (HEIGHT - FOOT)
    props.onWindow(movedWindow({ facts: props.facts, window: held.window }, bars, prices), done)
  }
  return {
    onPointerDown: (event: PointerEvent & { currentTarget: Element }) => {
      if (event.button !== 0) return
      held = { x: event.clientX, y: event.clientY, window: props.window }
      event.currentTarget.setPointerCapture(event.pointerId)
    },
    onPointerMove: (event: PointerEvent) => moveTo(event, false),
    onPointerUp: (event: PointerEvent) => {
      if (held && Math.abs(event.clientX - held.x) + Math.abs(event.clientY - held.y) > 2) moveTo(event, true)
      held = undefined
    },
    onPointerCancel: () => {
      held = undefined
    },
  }
}

/** The cells on a canvas. While a new view is on its way, the old one stands where it belongs. */
function Picture(props: Framed) {
  let canvas: HTMLCanvasElement | undefined
  const small = document.createElement('canvas')
  const colours = heatColours()
  const drawn = createMemo(() => {
    const { grid, view } = props.picture
    small.width = view.columns
    small.height = view.rows
    const context = small.getContext('2d')
    if (!context) return 0
    const image = context.createImageData(view.columns, view.rows)
    const scale = heatScale(grid.largest)
    const ramp = colours()
    for (let column = 0; column < view.columns; column++)
      for (let row = 0; row < view.rows; row++) {
        const cell = column * view.rows + row
        const usd = (grid.long[cell] as number) + (grid.short[cell] as number)
        const pixel = ((view.rows - 1 - row) * view.columns + column) * 4
        if (usd < scale.least) continue
        const step = Math.round(scale.at(usd) * 255) * 4
        image.data.set(ramp.subarray(step, step + 4), pixel)
      }
    context.putImageData(image, 0, 0)
    return grid.largest
  })
  createEffect(() => {
    drawn()
    const context = canvas?.getContext('2d')
    if (!canvas || !context) return
    const { view } = props.picture
    const [width, height] = [Math.max(1, Math.round(props.frame.right() - LEFT)), HEIGHT - FOOT]
    canvas.width = width
    canvas.height = height
    context.imageSmoothingEnabled = false
    const { window } = props
    const x = (bar: number) => ((bar - window.from) / Math.max(1, window.to - window.from)) * width
    context.drawImage(
      small,
      x(view.from),
      props.frame.y(view.high),
      x(view.to) - x(view.from),
      props.frame.y(view.low) - props.frame.y(view.high),
    )
    if (props.picture.layer === 'estimate') hatch(context, width, height)
  })
  return <canvas ref={canvas} style={{ left: `${LEFT}px` }} />
}

/** The estimate is hatched, so that it never looks like what is known. */
function hatch(context: CanvasRenderingContext2D, width: number, height: number): void {
  context.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue('--panel').trim()
  context.lineWidth = 2
  context.beginPath()
  for (let x = -height; x < width; x += 8) {
    context.moveTo(x, height)
    context.lineTo(x + height, 0)
  }
  context.stroke()
}

/** Hours before now at which a mark stands: whole days, or hours that divide one; nearest first, beginning at `from`. */
function wholeTimes(from: number, to: number, count: number): readonly number[] {
  const step = [1, 2, 3, 6, 12, 24, 48, 120, 240, 480].find((hours) => hours >= (to - from) / count) ?? 720
  const first = Math.ceil(Math.max(0, from) / step)
  return Array.from({ length: Math.max(0, Math.floor(to / step) - first + 1) }, (_, at) => (first + at) * step)
}

/** Prices and days, and the price of the market over time. */
function Axes(props: Framed) {
  const right = () => props.frame.right()
  const x = (bar: number) =>
    LEFT + ((bar + 0.5 - props.window.from) / Math.max(1, props.window.to - props.window.from)) * (right() - LEFT)
  const line = createMemo(() => {
    const { high, low } = props.facts
    const bars = Array.from({ length: props.window.to - props.window.from }, (_, at) => props.window.from + at)
    return bars
      .map(
        (bar) =>
          `M${x(bar).toFixed(1)} ${props.frame.y(high[bar] as number).toFixed(1)}V${(props.frame.y(low[bar] as number) + 0.6).toFixed(1)}`,
      )
      .join('')
  })
  const ticks = createMemo(() => niceSteps(props.window.low, props.window.high, 9))
  const days = createMemo(() => {
    const count = Math.max(2, Math.floor((right() - LEFT) / 110))
    return props.facts.times.length < 2
      ? []
      : wholeTimes(
          props.facts.times.length - 1 - props.window.to,
          props.facts.times.length - 1 - props.window.from,
          count,
        )
  })
  const name = (back: number) =>
    back === 0 ? 'now' : back % 24 === 0 ? `−${back / 24} d` : back < 48 ? `−${back} h` : `−${back / 24} d`
  return (
    <>
      <Index each={ticks()}>
        {(at) => (
          <>
            <line
              class="grid"
              x1={LEFT}
              x2={props.frame.width()}
              y1={props.frame.y(at())}
              y2={props.frame.y(at())}
              opacity="0.4"
            />
            <text class="tick" x={LEFT - 6} y={Math.max(10, props.frame.y(at()) + 4)} text-anchor="end">
              {coinPrice(at())}
            </text>
          </>
        )}
      </Index>
      <Index each={days()}>
        {(back) => (
          <text class="tick" x={x(props.facts.times.length - 1 - back())} y={HEIGHT - 6} text-anchor="middle">
            {name(back())}
          </text>
        )}
      </Index>
      <path class="market-line" d={line()} />
      <text class="watermark" x={LEFT + 18} y={HEIGHT - FOOT - 18}>
        SIM
      </text>
    </>
  )
}

function keys(event: KeyboardEvent, props: MapProps): void {
  const middle = (props.window.low + props.window.high) / 2
  const next: Readonly<Record<string, () => Window>> = {
    '+': () => zoomPrice(props, 0.8, middle),
    '=': () => zoomPrice(props, 0.8, middle),
    '-': () => zoomPrice(props, 1.25, middle),
    ArrowUp: () => movedWindow(props, 0, 0.1),
    ArrowDown: () => movedWindow(props, 0, -0.1),
    ArrowLeft: () => (event.shiftKey ? zoomTime(props, 1.25) : movedWindow(props, -0.1, 0)),
    ArrowRight: () => (event.shiftKey ? zoomTime(props, 0.8) : movedWindow(props, 0.1, 0)),
  }
  if ((event.target as HTMLElement).getAttribute('role') === 'slider' || event.ctrlKey || event.metaKey) return
  if (event.key === '0') props.onReset()
  else if (next[event.key]) props.onWindow((next[event.key] as () => Window)(), true)
  else return
  event.preventDefault()
}

function readoutAt(props: MapProps, { right, priceAt }: Frame, { x, y }: { x: number; y: number }): string {
  const { view, grid, layer, exact, estimate } = props.picture
  const price = priceAt(y)
  const sign = layer === 'exact' ? '⊢=' : '⊢~'
  if (price < view.low || price >= view.high) return coinPrice(price)
  const part = (price - view.low) / (view.high - view.low)
  if (x > right()) {
    const bin = Math.min(CLUSTER_BINS - 1, Math.floor(part * CLUSTER_BINS))
    const told = (of: { long: Float64Array; short: Float64Array }) =>
      `▼ ${formatUsd(of.long[bin])} ▲ ${formatUsd(of.short[bin])}`
    return `today at ${coinPrice(price)} (${((view.high - view.low) / CLUSTER_BINS).toPrecision(3)} wide): = ${told(exact)}${estimate ? ` · ~ ${told(estimate)}` : ''}`
  }
  const span = Math.max(1, props.window.to - props.window.from)
  const bar = props.window.from + ((x - LEFT) / (right() - LEFT)) * span
  const column = Math.floor(((bar - view.from) / Math.max(1, view.to - view.from)) * view.columns)
  if (column < 0 || column >= view.columns) return coinPrice(price)
  const row = Math.min(view.rows - 1, Math.floor(part * view.rows))
  const cell = column * view.rows + row
  const low = view.low + ((view.high - view.low) * row) / view.rows
  const high = view.low + ((view.high - view.low) * (row + 1)) / view.rows
  const time =
    props.facts.times.length > 1
      ? `, ${formatTime(props.facts.times[Math.floor(Math.max(0, bar))] ?? 0).slice(5, 16)} of the simulation`
      : ''
  return `${coinPrice(low)} to ${coinPrice(high)}${time}: ${sign} ▼ long ${dollars(grid.long[cell])}, ▲ short ${dollars(grid.short[cell])}`
}

const dollars = (usd: number | undefined) => `$${Math.round(usd ?? 0).toLocaleString('en')}`
