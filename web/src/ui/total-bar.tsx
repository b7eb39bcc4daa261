/** The bar that never leaves the screen: totals with their bound, coverage, long share, silent feeds. Perps and loans side by side, never summed. */
import { type Accessor, createEffect, For, Show } from 'solid-js'
import { formatCount, formatShare, formatUsd, type Totals } from '../../../lib/analytics/index.ts'
import type { Answers } from '../../../lib/api/index.ts'
import { windowLabel } from '../state/view.ts'
import { useTerminal } from './context.ts'
import { Dollars } from './figure.tsx'
import { Link } from './link.tsx'

type WireTotals = Answers['/v1/totals']['data']

/** The total bar. */
export function TotalBar() {
  const { view, perps, loans, coverage, simulated, nameOf, announce, heard } = useTerminal()
  const silent = () => coverage.shown().answer?.data.silent ?? []
  createEffect(() => {
    const data = perps.shown().answer?.data
    if (data) announce(spoken(data as unknown as Totals, windowLabel(view())))
  })
  return (
    <section class="total-bar" aria-label="totals of the window">
      <span class="bar-window">{windowLabel(view())}</span>
      <Show when={view().kind !== 'loan'}>
        <OneTotal label="perps" kind="perp" asked={perps.shown} />
      </Show>
      <Show when={view().kind !== 'perp'}>
        <OneTotal label="loans" kind="loan" asked={loans.shown} />
      </Show>
      <span class="bar-break" />
      <Link
        to={{ page: 'venues' }}
        class="bar-item"
        title="part of venue-time that was heard; what is missing, and why"
      >
        <span class="label">coverage</span> {formatShare(coverage.shown().answer?.data.share)}
      </Link>
      <Show when={view().kind !== 'loan'}>
        <Link to={{ page: 'tape', side: ['long'] }} class="bar-item" title="part of the dollars of known side">
          <span class="long">▼ long</span> {formatShare(perps.shown().answer?.data.longShare)}
        </Link>
      </Show>
      <Link to={{ page: 'venues' }} class={`bar-item ${silent().length > 0 ? 'warn' : ''}`}>
        <Show
          when={silent().length > 0}
          fallback={<span class="label">{heard().length > 0 ? 'no feed silent' : 'no feed heard'}</span>}
        >
          ⚠ {silent().length} feed{silent().length === 1 ? '' : 's'} silent:{' '}
          <For each={silent().slice(0, 3)}>{(id, index) => `${index() > 0 ? ', ' : ''}${nameOf(id)}`}</For>
          {silent().length > 3 ? ' …' : ''}
        </Show>
      </Link>
      <Show when={simulated()}>
        <span class="bar-sim">
          ⊢ <span class="bar-sim-more">simulated: nothing here happened</span>
          <span class="bar-sim-short" aria-hidden="true">
            SIM
          </span>
        </span>
      </Show>
    </section>
  )
}

function OneTotal(props: {
  label: string
  kind: 'perp' | 'loan'
  asked: Accessor<{ readonly answer: { readonly data: WireTotals } | undefined; readonly stale: boolean }>
}) {
  const { simulated } = useTerminal()
  const data = () => props.asked().answer?.data
  // Nothing heard at all is not zero dollars.
  const known = () => (data()?.coverage.share ?? 0) > 0
  return (
    <Link
      to={{ page: 'tape', kind: props.kind }}
      class={`bar-item bar-total ${props.asked().stale ? 'stale' : ''}`}
      title={`${props.label}: open the rows`}
    >
      <span class="label">{props.label}</span>{' '}
      <Dollars usd={known() ? data()?.usd : undefined} bound={data()?.bound} sim={simulated()} class="bar-usd" />
      <span class="bar-count">{known() ? `${formatCount(data()?.events)} orders` : ''}</span>
    </Link>
  )
}

function spoken(totals: Totals, label: string): string {
  const bound = totals.bound === '≥' ? 'at least ' : ''
  return `Perps, ${label}: ${bound}${formatUsd(totals.usd)}, coverage ${formatShare(totals.coverage.share)}, long share ${formatShare(totals.longShare)}.`
}
