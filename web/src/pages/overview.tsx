/** Overview: how bad, compared with what, who, still going? */
import { createMemo, For, type JSX, Show } from 'solid-js'
import {
  formatCount,
  formatMultiple,
  formatNumber,
  formatShare,
  formatSpan,
  formatTime,
  formatUsd,
} from '../../../lib/analytics/index.ts'
import type { Answers } from '../../../lib/api/index.ts'
import { createAnswer } from '../data/answer.ts'
import { coinText, PRICE_WORDS } from '../data/names.ts'
import { isWireLiquidation } from '../data/rows.ts'
import { filterWords, windowLabel } from '../state/view.ts'
import { useTerminal } from '../ui/context.ts'
import { Dollars, Side } from '../ui/figure.tsx'
import { ByCoin, ByVenue } from '../ui/groups.tsx'
import { endOf, Hours } from '../ui/hours.tsx'
import { ReceiptIcon } from '../ui/icons.tsx'
import { Link } from '../ui/link.tsx'
import { Nothing } from '../ui/nothing.tsx'
import { Pressure } from '../ui/pressure.tsx'
import { Widget } from '../ui/widget.tsx'

type WireTotals = Answers['/v1/totals']

/** The page. */
export function Overview() {
  const { view, coverage, loans } = useTerminal()
  const nothing = () => coverage.shown().answer?.data.venues.length === 0
  const hasLoans = () => view().kind === 'loan' || (loans.shown().answer?.data.events ?? 0) > 0
  return (
    <Show when={!nothing()} fallback={<Nothing />}>
      <div class="cards">
        <Show when={view().kind !== 'loan'}>
          <TotalCard kind="perp" />
          <SidesCard />
        </Show>
        <Show when={view().kind !== 'perp'}>
          <TotalCard kind="loan" />
        </Show>
        <LargestCard />
        <GoingCard />
      </div>
      <RecordLine />
      <div class="columns wide-left">
        <div class="stack">
          <Show when={view().kind !== 'loan'}>
            <Hours kind="perp" height={260} />
          </Show>
          <Show when={view().kind !== 'perp' && hasLoans()}>
            <Hours kind="loan" height={150} />
          </Show>
        </div>
        <div class="stack">
          <ByVenue />
          <ByCoin />
          <Pressure />
        </div>
      </div>
    </Show>
  )
}

function TotalCard(props: { kind: 'perp' | 'loan' }) {
  const { perps, loans, view, simulated } = useTerminal()
  const asked = props.kind === 'perp' ? perps : loans
  return (
    <Widget
      asked={asked}
      class="card"
      title={`${props.kind === 'perp' ? 'Perps' : 'Loans'}, ${windowLabel(view())}`}
      height="74px"
    >
      {(answer) => (
        <>
          <Link to={{ page: 'tape', kind: props.kind }} class="big" title="open the rows">
            <Dollars usd={answer().data.usd} bound={answer().data.bound} sim={simulated()} />
          </Link>
          <p class="under">
            {answer().data.countBound}
            {formatCount(answer().data.events)} {props.kind === 'perp' ? 'orders' : 'loans'}
            {answer().data.unpriced > 0 ? `, ${formatCount(answer().data.unpriced)} unpriced` : ''} ·{' '}
            {accounts(answer())}
          </p>
          <p class="under label">
            <Link to={{ page: 'venues' }} title={answer().data.coverage.reasons.join('\n')}>
              heard {formatShare(answer().data.coverage.share)}
              {answer().data.coverage.reasons.length > 0
                ? ` · ${answer().data.coverage.reasons.length} reasons for ≥`
                : ' · nothing known missing'}
            </Link>
          </p>
        </>
      )}
    </Widget>
  )
}

function accounts({ data }: WireTotals): string {
  if (data.accounts === undefined) return 'accounts — (no ids)'
  return `${data.accountsComplete ? '=' : '≥'}${formatCount(data.accounts)} accounts`
}

function SidesCard() {
  const { perps, simulated } = useTerminal()
  const share = (part: number, data: WireTotals['data']) => (data.usd > 0 ? part / data.usd : undefined)
  return (
    <Widget asked={perps} class="card" title="Long / short" height="74px">
      {(answer) => {
        const data = () => answer().data
        return (
          <>
            <Line kind="long" label="▼ long sold" usd={data().long.usd} share={share(data().long.usd, data())} />
            <Line kind="short" label="▲ short bought" usd={data().short.usd} share={share(data().short.usd, data())} />
            <Show when={data().unknownSide.events > 0}>
              <Line
                kind="unknown"
                label="◆ side unknown"
                usd={data().unknownSide.usd}
                share={share(data().unknownSide.usd, data())}
              />
            </Show>
            <span class="side-bar whole" classList={{ sim: simulated() }} aria-hidden="true">
              <span class="long-bg" style={{ width: percent(share(data().long.usd, data())) }} />
              <span class="unknown-bg" style={{ width: percent(share(data().unknownSide.usd, data())) }} />
              <span class="short-bg" style={{ width: percent(share(data().short.usd, data())) }} />
            </span>
          </>
        )
      }}
    </Widget>
  )
}

function Line(props: { kind: 'long' | 'short' | 'unknown'; label: string; usd: number; share: number | undefined }) {
  const { simulated } = useTerminal()
  return (
    <p class="line">
      <Link to={{ page: 'tape', kind: 'perp', side: [props.kind] }} class={props.kind}>
        {props.label}
      </Link>
      <Dollars usd={props.usd} sim={simulated()} />
      <span class="num">{formatShare(props.share)}</span>
    </p>
  )
}

function percent(share: number | undefined): string {
  return `${(share ?? 0) * 100}%`
}

function LargestCard() {
  const { perps, loans, view, simulated, nameOf } = useTerminal()
  const asked = () => {
    const [a, b] = [perps.shown().answer?.data.largest, loans.shown().answer?.data.largest]
    return view().kind === 'loan' || (usdOf(b) ?? -1) > (usdOf(a) ?? -1) ? loans : perps
  }
  return (
    <Widget
      asked={{ ...perps, shown: () => asked().shown() }}
      class="card"
      title="Largest"
      height="74px"
      empty={({ data }) => (data.largest === undefined ? 'none of known value' : undefined)}
    >
      {(answer) => {
        const event = () => {
          const largest = answer().data.largest
          return largest && isWireLiquidation(largest) ? largest : undefined
        }
        return (
          <Show when={event()}>
            {(found) => (
              <>
                <Link to={{ event: found().id }} class="big" title="open its receipt">
                  <Dollars usd={found().usd} bound={answer().data.bound} sim={simulated()} />
                </Link>
                <p class="under">
                  <Side side={sideOf(found())} loan={found().type !== 'perp-liquidation'} /> {coinText(found())} ·{' '}
                  {nameOf(found().venue)}
                </p>
                <p class="under label">
                  {formatTime(found().time).slice(5)}
                  {priceOf(found())} <ReceiptIcon />
                </p>
              </>
            )}
          </Show>
        )
      }}
    </Widget>
  )
}

type Largest = WireTotals['data']['largest']

function usdOf(event: Largest | undefined): number | undefined {
  return event && 'usd' in event ? event.usd : undefined
}

function sideOf(event: NonNullable<Largest>): 'long' | 'short' | undefined {
  return 'side' in event ? event.side : undefined
}

function priceOf(event: NonNullable<Largest>): JSX.Element {
  if (event.type !== 'perp-liquidation') return ''
  return (
    <span title={PRICE_WORDS[event.priceKind]}>
      {' '}
      · {event.priceKind} {formatNumber(event.price)}
    </span>
  )
}

/** The last five minutes against the window's own pace. */
function GoingCard() {
  const { view, now, moving, perps, live, simulated } = useTerminal()
  const kind = () => (view().kind === 'loan' ? 'loan' : 'perp')
  const params = () => ({
    window: '5m',
    at: view().at === undefined ? undefined : new Date(endOf(view(), now())).toISOString(),
    ...filterWords(view(), kind()),
  })
  const asked = createAnswer('/v1/totals', params, { everyMs: 3_000, live: moving })
  const pace = createMemo(() => {
    const data = perps.shown().answer?.data
    return data && data.usd > 0 ? data.usd / ((data.window.to - data.window.from) / 60_000) : undefined
  })
  const rate = (answer: WireTotals) => (answer.data.coverage.share === 0 ? undefined : answer.data.usd / 5)
  const last = (answer: WireTotals) =>
    answer.data.coverage.venues.reduce((latest, { lastEvent }) => Math.max(latest, lastEvent ?? 0), 0)
  return (
    <Widget asked={asked} class="card" title={moving() ? 'Still going?' : 'At the end'} height="74px">
      {(answer) => (
        <>
          <p class="big">
            <Dollars usd={rate(answer())} bound={answer().data.bound} sim={simulated()} />{' '}
            <span class="label">/ min</span>
          </p>
          <p class="under">
            {kind() === 'perp'
              ? `${formatMultiple(pace() ? (rate(answer()) ?? 0) / (pace() as number) : undefined)} the window’s mean pace, last 5 min`
              : 'last 5 min'}
          </p>
          <p class="under label">
            {last(answer()) > 0 && moving()
              ? `last heard ${formatSpan(Math.max(0, now() - last(answer())))} ago`
              : 'none in these 5 min'}
            {moving() && live.state() === 'open' ? ' · stream open' : ''}
          </p>
        </>
      )}
    </Widget>
  )
}

/** The rank of the day, with the scope it is a rank of. */
function RecordLine() {
  const { view, now, moving, to, go, simulated } = useTerminal()
  const day = createMemo(() =>
    new Date(view().at === undefined ? now() : endOf(view(), now()) - 1).toISOString().slice(0, 10),
  )
  const kind = () => (view().kind === 'loan' ? 'loan' : 'perp')
  const asked = createAnswer('/v1/records', () => ({ ...filterWords(view(), kind()), at: day(), limit: '1' }), {
    ...{ everyMs: 20_000, live: moving },
  })
  const record = () => asked.shown().answer?.data.days[0]
  return (
    <p class="record-line">
      <Show
        when={record()}
        fallback={
          <span class="label">
            {asked.shown().loading
              ? ' '
              : `UTC day ${day()}: no ${kind()} liquidation in the record book of this scope`}
          </span>
        }
      >
        {(found) => (
          <>
            <For
              each={recordWords(
                found(),
                asked.shown().answer?.data.daysWithEvents ?? 0,
                view().at === undefined,
                simulated(),
              )}
            >
              {(part, index) => (
                <span>
                  {index() > 0 ? ' · ' : ''}
                  {part}
                </span>
              )}
            </For>{' '}
            ·{' '}
            <a
              href={to({ page: 'records', at: day(), window: '24h', kind: kind() })}
              title={asked.shown().answer?.data.scope}
              onClick={(event) => {
                event.preventDefault()
                go({ page: 'records', at: day(), window: '24h', kind: kind() })
              }}
            >
              open report ▸
            </a>
          </>
        )}
      </Show>
    </p>
  )
}

type Day = Answers['/v1/records']['data']['days'][number]

function recordWords(day: Day, days: number, running: boolean, sim: boolean): readonly string[] {
  const since = day.worstSince
    ? `worst ${running ? 'so far ' : ''}since ${day.worstSince.day}`
    : days > 1
      ? 'the worst day of this record'
      : 'the first day of this record'
  return [
    `UTC day ${day.day}${running ? ' so far' : ''} ${sim ? '⊢' : ''}${day.bound}${formatUsd(day.usd)}`,
    since,
    `#${day.rank} of ${formatCount(day.ofDays)} days with events`,
    ...(day.versus?.medianMultiple === undefined
      ? []
      : [`${formatMultiple(day.versus.medianMultiple)} the ${day.versus.days}-day median`]),
  ]
}
