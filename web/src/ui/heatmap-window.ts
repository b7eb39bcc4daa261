/** The part of the map that is shown: zoomed around a price or at its end, moved by parts of itself. */
import type { HeatView } from '../data/heatmap-model.ts'
import type { HeatFacts } from '../data/heatmap-worker.ts'

/** What of prices and time is shown. */
export type Window = Pick<HeatView, 'low' | 'high' | 'from' | 'to'>

type Shown = { readonly window: Window; readonly facts: Pick<HeatFacts, 'price' | 'times'> }

/** A window zoomed in price around a price; never finer than a thousandth, never wider than three times the price. */
export function zoomPrice({ window, facts }: Shown, factor: number, at: number): Window {
  const span = window.high - window.low
  const next = Math.min(facts.price * 3, Math.max(facts.price * 0.002, span * factor))
  const part = (window.high - at) / span
  const high = at + part * next
  const low = Math.max(facts.price * 1e-3, high - next)
  return { ...window, low, high: Math.max(high, low + facts.price * 0.001) }
}

/** A window zoomed in time: the end stays. */
export function zoomTime({ window, facts }: Shown, factor: number): Window {
  const bars = facts.times.length
  const span = Math.min(bars, Math.max(Math.min(12, bars), Math.round((window.to - window.from) * factor)))
  const from = Math.max(0, window.to - span)
  return { ...window, from, to: Math.min(bars, from + span) }
}

/** A window moved by parts of itself. */
export function movedWindow({ window, facts }: Shown, time: number, price: number): Window {
  const bars = facts.times.length
  const [span, high] = [window.to - window.from, window.high - window.low]
  const from = Math.min(bars - span, Math.max(0, Math.round(window.from + time * span)))
  const low = Math.max(facts.price * 1e-3, window.low + price * high)
  return { from, to: from + span, low, high: low + high }
}
