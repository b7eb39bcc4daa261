/** What stands on the map: today's clusters of both layers, the present price, and the line that asks about another. */
import { createMemo, Index, Show } from 'solid-js'
import { CLUSTER_BINS, type HeatReach } from '../data/heatmap-model.ts'
import type { HeatFacts, HeatPicture } from '../data/heatmap-worker.ts'
import { coinPrice, moved } from './cascade-words.ts'
import type { Window } from './heatmap-window.ts'

/** Left of the plot, under it, and its whole height, px. */
export const LEFT = 64
export const FOOT = 22
export const HEIGHT = 520
/** Bars of the clusters: rows of so many pixels. */
const BAR = 4

/** What the map is made of. */
export type MapProps = {
  readonly facts: HeatFacts
  readonly picture: HeatPicture
  readonly window: Window
  readonly reach: HeatReach | undefined
  readonly price: number
  readonly onPrice: (price: number, done: boolean) => void
  readonly onWindow: (window: Window, done: boolean) => void
  readonly onReset: () => void
}

/** Where things stand, px. */
export type Frame = {
  readonly width: () => number
  readonly right: () => number
  readonly y: (price: number) => number
  readonly priceAt: (place: number) => number
}
/** The map's parts know where they stand. */
export type Framed = MapProps & { readonly frame: Frame }

/** Today's clusters: exact solid, estimate hatched, one beside the other; longs orange below, shorts blue above. */
export function Clusters(props: Framed) {
  const room = () => (props.frame.width() - props.frame.right() - 14) / (props.picture.estimate ? 2 : 1)
  const bars = createMemo(() => {
    const { exact, estimate, view } = props.picture
    const merge = Math.max(1, Math.round((CLUSTER_BINS * BAR) / (HEIGHT - FOOT)))
    const sum = (all: Float64Array, bin: number) => all.slice(bin, bin + merge).reduce((total, one) => total + one, 0)
    const layer = (of: { long: Float64Array; short: Float64Array }) =>
      Array.from({ length: Math.ceil(CLUSTER_BINS / merge) }, (_, at) => ({
        long: sum(of.long, at * merge),
        short: sum(of.short, at * merge),
        top: view.low + ((view.high - view.low) * Math.min(CLUSTER_BINS, (at + 1) * merge)) / CLUSTER_BINS,
        low: view.low + ((view.high - view.low) * at * merge) / CLUSTER_BINS,
      }))
    const layers = [layer(exact), ...(estimate ? [layer(estimate)] : [])]
    const most = Math.max(1, ...layers.flat().map(({ long, short }) => long + short))
    return layers.map((rows, at) =>
      rows.filter(({ long, short }) => long + short > 0).map((row) => ({ ...row, most, at })),
    )
  })
  const x = (at: number) => props.frame.right() + 10 + at * (room() + 4)
  return (
    <>
      <Index each={bars()}>
        {(rows) => (
          <Index each={rows()}>
            {(row) => {
              const height = () => Math.max(1, props.frame.y(row().low) - props.frame.y(row().top) - 0.5)
              const long = () => (row().long / row().most) * room()
              const short = () => (row().short / row().most) * room()
              return (
                <>
                  <rect
                    class="cluster long"
                    classList={{ guess: row().at === 1 }}
                    x={x(row().at)}
                    y={props.frame.y(row().top)}
                    width={long()}
                    height={height()}
                  />
                  <rect
                    class="cluster short"
                    classList={{ guess: row().at === 1 }}
                    x={x(row().at) + long()}
                    y={props.frame.y(row().top)}
                    width={short()}
                    height={height()}
                  />
                </>
              )
            }}
          </Index>
        )}
      </Index>
      <rect class="heat-name" x={x(0)} width="58" height="17" />
      <text class="line-name" x={x(0) + 2} y="12">
        = exact
      </text>
      <Show when={props.picture.estimate}>
        <rect class="heat-name" x={x(1)} width="72" height="17" />
        <text class="line-name" x={x(1) + 2} y="12">
          ~ estimate
        </text>
      </Show>
    </>
  )
}

const LINE_KEYS: Readonly<Record<string, number>> = {
  ArrowUp: 0.001,
  ArrowRight: 0.001,
  ArrowDown: -0.001,
  ArrowLeft: -0.001,
  PageUp: 0.01,
  PageDown: -0.01,
}

/** The present price, and the line that asks "if the price reaches …". */
export function PriceLine(props: Framed) {
  let held = false
  const at = (event: PointerEvent & { currentTarget: Element }) => {
    const box = event.currentTarget.parentElement?.getBoundingClientRect()
    return Math.max(props.facts.price * 0.001, props.frame.priceAt(event.clientY - (box?.top ?? 0)))
  }
  const inside = (price: number) => Math.min(HEIGHT - FOOT, Math.max(0, props.frame.y(price)))
  const key = (event: KeyboardEvent) => {
    const step = LINE_KEYS[event.key]
    if (step === undefined) return
    event.preventDefault()
    event.stopPropagation()
    props.onPrice(props.price + step * props.facts.price, true)
  }
  return (
    <>
      <div class="heat-now" style={{ top: `${inside(props.facts.price)}px`, left: `${LEFT}px` }} aria-hidden="true">
        <span>{coinPrice(props.facts.price)} now</span>
      </div>
      <div
        class="heat-line"
        role="slider"
        tabIndex={0}
        style={{ top: `${inside(props.price)}px`, left: `${LEFT}px` }}
        aria-label="price asked about"
        aria-orientation="vertical"
        aria-valuemin={0}
        aria-valuemax={Math.round(props.facts.price * 4)}
        aria-valuenow={Math.round(props.price)}
        aria-valuetext={`${coinPrice(props.price)}, ${moved(props.price, props.facts.price)}`}
        data-testid="price-line"
        onKeyDown={key}
        onPointerDown={(event) => {
          held = true
          event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerMove={(event) => held && props.onPrice(at(event), false)}
        onPointerUp={(event) => {
          if (held) props.onPrice(at(event), true)
          held = false
        }}
        onPointerCancel={() => {
          held = false
        }}
      >
        <span>⇕ {coinPrice(props.price)}</span>
      </div>
    </>
  )
}
