/** Numbers with their bound and kind, and sides with their words. */
import { type JSX, Show } from 'solid-js'
import { type Bound, formatNumber, formatUsd, SIDE_WORDS } from '../../../lib/analytics/index.ts'

/** Dollars with their bound, `⊢` before simulated ones; the tooltip has every digit. */
export function Dollars(props: { usd: number | undefined; bound?: Bound | undefined; sim?: boolean; class?: string }) {
  const full = () => (props.usd === undefined ? 'not known' : `$${formatNumber(Math.round(props.usd * 100) / 100, 15)}`)
  const title = () =>
    `${full()}${props.bound === '≥' ? ', a lower bound' : props.bound === '=' ? ', complete' : ''}${props.sim ? ', simulated' : ', as reported'}`
  return (
    <span class={`fig ${props.class ?? ''}`} classList={{ simulated: props.sim ?? false }} title={title()}>
      <Show when={props.usd !== undefined && (props.sim || props.bound)}>
        <span class="sym">{`${props.sim ? '⊢' : ''}${props.bound ?? ''}`}</span>
      </Show>
      {formatUsd(props.usd)}
    </span>
  )
}

/** The sign of a side. */
export const SIDE_SIGNS = { long: '▼', short: '▲', unknown: '◆' } as const

/** A side: its colour, its sign and always its word. */
export function Side(props: { side: 'long' | 'short' | undefined; loan?: boolean; full?: boolean }): JSX.Element {
  const key = () => props.side ?? 'unknown'
  const words = () => (props.loan ? 'loan: no side' : SIDE_WORDS[key()])
  const short = () => (props.loan ? 'loan' : { long: 'long sold', short: 'short bought', unknown: 'side ?' }[key()])
  return (
    <span class={`side ${key()}`} title={words()}>
      <span aria-hidden="true">{props.loan ? '◼' : SIDE_SIGNS[key()]}</span> {props.full ? words() : short()}
    </span>
  )
}
