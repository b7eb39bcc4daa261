/** The receipt of one event: every field, where it stands, and the raw frame it was read from. */
import { createEffect, createResource, For, type JSX, Show } from 'solid-js'
import { formatNumber, formatTime } from '../../../lib/analytics/index.ts'
import type { WireEvent } from '../../../lib/api/index.ts'
import { askEvent, askRaw, isFailure } from '../data/api.ts'
import { PRICE_WORDS, TYPE_WORDS } from '../data/names.ts'
import { isWireLiquidation, type WireLiquidation } from '../data/rows.ts'
import { useTerminal } from './context.ts'
import { Dollars, Side } from './figure.tsx'
import { Link } from './link.tsx'

const BASIS = {
  reported: 'as the venue reports it',
  notional: 'size × price, the quote counted as dollars',
  'dollar-par': 'a dollar stablecoin, counted at par',
  'price-join': 'amount × a price joined from another source',
} as const

/** Opens when the address names an event. */
export function Receipt() {
  const { view, go } = useTerminal()
  let dialog: HTMLDialogElement | undefined
  createEffect(() => {
    if (view().event && !dialog?.open) dialog?.showModal()
    else if (!view().event && dialog?.open) dialog.close()
  })
  const close = () => go({ event: undefined })
  return (
    <dialog ref={dialog} class="receipt" aria-labelledby="receipt-title" onClose={close}>
      <div class="panel-head">
        <h2 id="receipt-title">Receipt</h2>
        <button type="button" class="tool" onClick={close}>
          close
        </button>
      </div>
      <Show when={view().event}>{(id) => <Body id={id()} />}</Show>
    </dialog>
  )
}

function Body(props: { id: string }) {
  const [event] = createResource(
    () => props.id,
    (id) => askEvent(id),
  )
  const [raw] = createResource(
    () => props.id,
    (id) => askRaw(id).then((text) => pretty(text)),
  )
  return (
    <>
      <Show when={!event.error} fallback={<p class="empty">{words(event.error)}</p>}>
        <Show when={event()} fallback={<div class="skeleton" style={{ height: '200px' }} />}>
          {(answer) => (
            <>
              <Fields event={answer().data} />
              <p class="label wrap">
                sha-256 of the answer {answer().provenance.hash} · as of {answer().provenance.asOf}
              </p>
            </>
          )}
        </Show>
      </Show>
      <h3>Raw frame</h3>
      <Show when={!raw.error} fallback={<p class="empty">{words(raw.error)}</p>}>
        <Show when={raw()} fallback={<div class="skeleton" style={{ height: '60px' }} />}>
          {(text) => (
            <pre class="raw" tabindex="0">
              {text()}
            </pre>
          )}
        </Show>
      </Show>
    </>
  )
}

function words(error: unknown): string {
  return isFailure(error) ? `${error.detail}. ${error.fix}` : String(error)
}

/** JSON is indented; what is none stays as it came. */
function pretty(text: string): string {
  if (text.length > 20_000) return text
  try {
    return JSON.stringify(JSON.parse(text), null, 1)
  } catch {
    return text
  }
}

function Fields(props: { event: WireEvent }) {
  const { nameOf } = useTerminal()
  const stamp = () => props.event
  const receipt = () => stamp().receipt
  return (
    <dl class="fields">
      <Show when={isWireLiquidation(props.event) && props.event}>{(event) => <What event={event()} />}</Show>
      <Field name="venue">
        <Link to={{ venue: [stamp().venue], event: undefined }}>{nameOf(stamp().venue)}</Link> ({stamp().venue})
      </Field>
      <Field name="venue time">
        {stamp().timeKind === 'received' ? '— (the venue gives none)' : formatTime(stamp().time, true)}
      </Field>
      <Field name="received">
        {formatTime(stamp().received, true)} (Δ {stamp().received - stamp().time} ms)
      </Field>
      <Field name="source">{stamp().source}</Field>
      <Show when={stamp().flags?.length}>
        <Field name="doubts">{stamp().flags?.join(', ')}</Field>
      </Show>
      <Field name="stands in">
        {receipt()
          ? [receipt()?.file, receipt()?.segment, place('offset', receipt()?.offset), place('line', receipt()?.line)]
              .filter(Boolean)
              .join(' · ')
          : '—'}
      </Field>
      <Field name="id">
        <code>{stamp().id}</code>
      </Field>
    </dl>
  )
}

function place(name: string, value: number | undefined): string | undefined {
  return value === undefined ? undefined : `${name} ${value}`
}

function What(props: { event: WireLiquidation }) {
  const event = () => props.event
  const perp = () =>
    event().type === 'perp-liquidation'
      ? (event() as Extract<WireLiquidation, { type: 'perp-liquidation' }>)
      : undefined
  const legs = () => {
    const it = event()
    if (it.type === 'loan-liquidation') return [['repaid', it.repaid] as const, ['seized', it.seized] as const]
    return it.type === 'auction-started' ? [['lot', it.lot] as const, ['due', it.due] as const] : []
  }
  return (
    <>
      <Field name="what">{TYPE_WORDS[event().type]}</Field>
      <Field name="side">
        <Side side={perp()?.side} loan={!perp()} full />
      </Field>
      <Field name="dollars">
        <Dollars usd={event().usd} sim={event().source === 'simulated'} />{' '}
        <span class="label">
          {event().usd === undefined
            ? 'not known: not counted in dollars'
            : `${formatNumber(event().usd, 15)} · ${BASIS[event().usdBasis ?? 'notional']}`}
        </span>
      </Field>
      <Show when={perp()}>
        {(it) => (
          <>
            <Field name="instrument">{it().instrument}</Field>
            <Field name="size">
              {formatNumber(it().size, 12)} {it().coin}
              {it().contracts === undefined ? '' : ` (${formatNumber(it().contracts, 12)} contracts)`}
            </Field>
            <Field name="price">
              {formatNumber(it().price, 12)} <span class="label">{PRICE_WORDS[it().priceKind]}</span>
            </Field>
          </>
        )}
      </Show>
      <For each={legs()}>
        {([name, leg]) => (
          <Field name={name}>
            {leg.amount ?? '—'} {leg.asset} <span class="label wrap">{leg.address ?? ''}</span>
          </Field>
        )}
      </For>
      <Field name="account">
        <Show when={event().account} fallback="— (no id)">
          {(account) => <Link to={{ account: account(), event: undefined }}>{account()}</Link>}
        </Show>
      </Field>
      <Show when={event().place}>
        {(at) => (
          <Field name="on chain">
            {at().chain}, block {at().block}, log {at().logIndex} of <code class="wrap">{at().tx}</code>
          </Field>
        )}
      </Show>
    </>
  )
}

function Field(props: { name: string; children: JSX.Element }) {
  return (
    <>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </>
  )
}
