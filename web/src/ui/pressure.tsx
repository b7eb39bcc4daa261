/** Open interest and funding as the venues last published them: one-sided, per coin, with how many venues said so. */
import { createMemo, For } from 'solid-js'
import type { WireEvent } from '../../../lib/api/index.ts'
import { createAnswer } from '../data/answer.ts'
import { useTerminal } from './context.ts'
import { Dollars } from './figure.tsx'
import { Widget } from './widget.tsx'

type Row = {
  coin: string
  usd: number | undefined
  venues: number
  least: number | undefined
  most: number | undefined
}

/** The table of open interest and funding. */
export function Pressure() {
  const { view, moving, simulated } = useTerminal()
  const params = () => {
    const { at, src, venue, coin } = view()
    const day = at !== undefined && /^\d{4}-\d\d-\d\d$/.test(at) ? `${at}T23:59:59Z` : at
    return { at: day, src, venue: venue.join(',') || undefined, coin: coin.join(',') || undefined }
  }
  const oi = createAnswer('/v1/oi', params, { everyMs: 15_000, live: moving })
  const funding = createAnswer('/v1/funding', params, { everyMs: 15_000, live: moving })
  const rows = createMemo(() => rowsOf(oi.shown().answer?.data ?? [], funding.shown().answer?.data ?? []))
  return (
    <Widget
      asked={oi}
      title="Pressure: open interest, funding"
      height="180px"
      summary={() =>
        'Open interest is one-sided and as published by each venue; funding is per 8 h where the venue says its interval.'
      }
      empty={() => (rows().length === 0 ? 'No venue has published open interest or funding in this scope.' : undefined)}
    >
      {() => (
        <table>
          <caption class="visually-hidden">open interest and funding by coin</caption>
          <thead>
            <tr>
              <th scope="col">coin</th>
              <th scope="col" class="num">
                open interest
              </th>
              <th scope="col" class="num">
                venues
              </th>
              <th scope="col" class="num">
                funding / 8 h
              </th>
            </tr>
          </thead>
          <tbody>
            <For each={rows().slice(0, 8)}>
              {(row) => (
                <tr>
                  <th scope="row">{row.coin}</th>
                  <td class="num">
                    <Dollars usd={row.usd} bound="≥" sim={simulated()} />
                  </td>
                  <td class="num">{row.venues || '—'}</td>
                  <td class="num">{rates(row)}</td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      )}
    </Widget>
  )
}

function rowsOf(oi: readonly WireEvent[], funding: readonly WireEvent[]): readonly Row[] {
  const rows = new Map<string, Row>()
  const row = (coin: string) => {
    const known = rows.get(coin) ?? { coin, usd: undefined, venues: 0, least: undefined, most: undefined }
    rows.set(coin, known)
    return known
  }
  for (const event of oi) {
    if (event.type !== 'open-interest') continue
    const into = row(event.coin)
    into.venues += 1
    if (event.usd !== undefined) into.usd = (into.usd ?? 0) + event.usd
  }
  for (const event of funding) {
    if (event.type !== 'funding' || event.intervalHours === undefined) continue
    const into = row(event.coin)
    const rate = (event.rate * 8) / event.intervalHours
    into.least = Math.min(into.least ?? rate, rate)
    into.most = Math.max(into.most ?? rate, rate)
  }
  return [...rows.values()].sort((a, b) => (b.usd ?? -1) - (a.usd ?? -1) || (a.coin < b.coin ? -1 : 1))
}

function rates({ least, most }: Row): string {
  if (least === undefined || most === undefined) return '—'
  const text = (rate: number) => `${rate >= 0 ? '+' : '−'}${Math.abs(rate * 100).toFixed(4)} %`
  return Math.abs(most - least) < 1e-7 ? text(most) : `${text(least)} … ${text(most)}`
}
