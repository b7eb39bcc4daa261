/** One row of the tape: a liquidation, or time in which nobody was heard. */
import { Show } from 'solid-js'
import { formatNumber, formatSpan, formatTime } from '../../../lib/analytics/index.ts'
import { coinText, PRICE_KINDS, PRICE_WORDS, shortId, sizeText, TYPE_GLYPHS, TYPE_WORDS } from '../data/names.ts'
import type { EventRow, GapRow, WireLiquidation } from '../data/rows.ts'
import { useTerminal } from './context.ts'
import { Dollars, Side } from './figure.tsx'
import { ReceiptIcon } from './icons.tsx'
import { Link } from './link.tsx'

/** How many columns the tape has. */
export const TAPE_COLUMNS = 10

/** The row of a liquidation. */
export function EventLine(props: { row: EventRow; index: number }) {
  const { go, nameOf } = useTerminal()
  const event = () => props.row.event
  const open = (click: MouseEvent) => {
    if (!(click.target as HTMLElement).closest('a')) go({ event: event().id })
  }
  return (
    <tr
      class={`tape-row ${magnitude(event().usd)}`}
      classList={{ withdrawn: props.row.withdrawn !== undefined, simulated: event().source === 'simulated' }}
      aria-rowindex={props.index + 2}
      data-id={event().id}
      onClick={open}
    >
      <Time event={event()} />
      <td class="t-side">
        <Side side={sideOf(event())} loan={event().type !== 'perp-liquidation'} />
      </td>
      <td class="t-coin">
        <Link to={{ coin: [coinText(event()).toUpperCase()] }} title="only this coin">
          {coinText(event())}
        </Link>
      </td>
      <td class="num t-size">{sizeText(event())}</td>
      <td
        class="num t-usd"
        style={{ '--part': `${part(event().usd)}%`, '--tint': `var(--${sideOf(event()) ?? 'unknown'}-fill)` }}
      >
        <Dollars usd={event().usd} sim={event().source === 'simulated'} />
      </td>
      <td class="num t-price">
        <Price event={event()} />
      </td>
      <td class="t-venue">
        <Link to={{ venue: [event().venue] }} title="only this venue">
          {nameOf(event().venue)}
        </Link>
      </td>
      <Account event={event()} />
      <td class="t-kind" title={TYPE_WORDS[event().type]}>
        <span aria-hidden="true">{TYPE_GLYPHS[event().type]}</span>
        <Show when={event().flags?.length}>
          <span class="warn" title={event().flags?.join(', ')}>
            ⚑
          </span>
        </Show>
      </td>
      <td class="t-receipt">
        <Link
          to={{ event: event().id }}
          label="receipt"
          title={props.row.withdrawn ? `withdrawn: ${props.row.withdrawn}` : 'receipt: the raw frame'}
        >
          <ReceiptIcon />
        </Link>
      </td>
    </tr>
  )
}

function Time(props: { event: WireLiquidation }) {
  const late = () => props.event.received - props.event.time
  return (
    <td class="t-time">
      <time
        datetime={new Date(props.event.time).toISOString()}
        title={`${new Date(props.event.time).toLocaleString()} here · received ${props.event.timeKind === 'received' ? '(the venue gives no time)' : `${late() >= 0 ? '+' : ''}${late()} ms`}`}
      >
        {formatTime(props.event.time, true).slice(11, 19)}
        <span class="ms">{formatTime(props.event.time, true).slice(19, -1)}</span>
      </time>
    </td>
  )
}

function Account(props: { event: WireLiquidation }) {
  return (
    <td class="t-account">
      <Show
        when={props.event.account}
        fallback={
          <span class="label" title="this venue gives no account ids">
            —
          </span>
        }
      >
        {(account) => (
          <Link to={{ account: account() }} title={account()}>
            {shortId(account())}
          </Link>
        )}
      </Show>
    </td>
  )
}

function Price(props: { event: WireLiquidation }) {
  return (
    <Show
      when={props.event.type === 'perp-liquidation' && props.event}
      fallback={
        <span class="label" title="not applicable">
          ·
        </span>
      }
    >
      {(perp) => (
        <span title={PRICE_WORDS[perp().priceKind]}>
          {formatNumber(perp().price)} <span class="label">{PRICE_KINDS[perp().priceKind]}</span>
        </span>
      )}
    </Show>
  )
}

function sideOf(event: WireLiquidation): 'long' | 'short' | undefined {
  return event.type === 'perp-liquidation' ? event.side : undefined
}

function magnitude(usd: number | undefined): string {
  if (usd === undefined || usd < 1e5) return 'small'
  return usd < 1e6 ? 'large' : usd < 1e7 ? 'huge' : 'giant'
}

/** Length of the bar behind the dollars: logarithmic, $100 to $100 M. */
function part(usd: number | undefined): number {
  return usd === undefined || usd <= 100 ? 0 : Math.min(100, (Math.log10(usd / 100) / 6) * 100)
}

/** The row of a gap. */
export function GapLine(props: { row: GapRow; index: number }) {
  const { nameOf } = useTerminal()
  return (
    <tr class="tape-row gap-row" aria-rowindex={props.index + 2}>
      <td colspan={TAPE_COLUMNS}>
        <Link to={{ page: 'venues' }}>{gapWords(props.row, nameOf(props.row.venue))}</Link>
      </td>
    </tr>
  )
}

/** `— deaf 18:03:10–18:03:42 (Binance USD-M: reconnect) —`. */
export function gapWords({ from, to, why, lost }: GapRow, name: string): string {
  const day = (time: number) => formatTime(time).slice(5, 10)
  const clock = (time: number) => formatTime(time).slice(11, 19)
  if (why.startsWith('before anything')) return `— ${name} was not listened to before ${day(to)} ${clock(to)} —`
  const span =
    day(from) === day(to) ? `${clock(from)}–${clock(to)}` : `${day(from)} ${clock(from)}–${day(to)} ${clock(to)}`
  return `— deaf ${span} (${name}: ${why}${lost ? `, ${lost} known lost` : ''}), ${formatSpan(to - from)} —`
}
