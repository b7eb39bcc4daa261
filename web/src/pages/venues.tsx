/** Venues and coverage: who under-reports, since when, and what was not heard. */
import { createMemo, For, Index, Show } from 'solid-js'
import { formatCount, formatShare, formatSpan, formatTime } from '../../../lib/analytics/index.ts'
import type { Answers, StreamData } from '../../../lib/api/index.ts'
import { longPolicy, shortPolicy } from '../data/names.ts'
import { useTerminal } from '../ui/context.ts'
import { endOf, lengthOf } from '../ui/hours.tsx'
import { Lane } from '../ui/lanes.tsx'
import { Link } from '../ui/link.tsx'
import type { Heard } from '../ui/series.ts'
import { Panel, Widget } from '../ui/widget.tsx'

type Card = Answers['/v1/venues']['data'][number]
type Connection = StreamData['status']['connections'][number]
type Fact = Card['coverage'][number]

/** The page. */
export function VenuesPage() {
  return (
    <>
      <HeardTable />
      <div class="columns">
        <Reasons />
        <Policies />
      </div>
    </>
  )
}

function HeardTable() {
  const { coverage } = useTerminal()
  return (
    <Widget
      asked={coverage}
      title="Venues heard in this window"
      height="320px"
      summary={({ data }) =>
        `${formatShare(data.share)} of venue-time heard over ${data.venues.length} venues; ${data.silent.length === 0 ? 'no feed is silent' : `silent: ${data.silent.join(', ')}`}; ${data.without.length} more publish nothing.`
      }
      empty={({ data }) =>
        data.venues.length === 0
          ? 'No venue was heard in this window: no coverage, so no total. The policies below hold all the same.'
          : undefined
      }
    >
      {(answer) => (
        <section class="scroll-x" tabindex="0" aria-label="venues heard in this window">
          <table class="venues">
            <thead>
              <tr>
                <th scope="col">venue</th>
                <th scope="col" class="num">
                  heard
                </th>
                <th scope="col" class="lane-cell">
                  window
                </th>
                <th scope="col">health</th>
                <th scope="col">policy in force</th>
                <th scope="col">since</th>
                <th scope="col" class="num">
                  gaps
                </th>
                <th scope="col" class="num">
                  events
                </th>
                <th scope="col">ids</th>
              </tr>
            </thead>
            <tbody>
              <Index each={answer().data.venues}>{(venue) => <HeardRow venue={venue()} />}</Index>
            </tbody>
          </table>
        </section>
      )}
    </Widget>
  )
}

function HeardRow(props: { venue: Heard }) {
  const { nameOf } = useTerminal()
  const window = useWindow()
  return (
    <tr>
      <th scope="row">
        <Link to={{ venue: [props.venue.venue] }} title="only this venue">
          {nameOf(props.venue.venue)}
        </Link>
      </th>
      <td class="num">
        <span classList={{ warn: props.venue.share < 0.9999 }}>{formatShare(props.venue.share)}</span>
      </td>
      <td class="lane-cell">
        <Lane venue={props.venue} from={window().from} to={window().to} />
      </td>
      <td>
        <Health venue={props.venue} />
      </td>
      <td class="policy" title={props.venue.note ?? longPolicy(props.venue.policy)}>
        <span class="sym">{props.venue.policy.kind === 'complete' ? '=' : '≥'}</span> {longPolicy(props.venue.policy)}
      </td>
      <td>{props.venue.since ?? '—'}</td>
      <td class="num">{formatCount(props.venue.gaps.length)}</td>
      <td class="num">
        <Link to={{ page: 'tape', venue: [props.venue.venue] }} title="open the rows">
          {formatCount(props.venue.events)}
        </Link>
      </td>
      <td
        title={props.venue.accounts ? 'events carry account ids' : 'no account ids: orders are counted, not accounts'}
      >
        {props.venue.accounts ? 'accounts' : '—'}
      </td>
    </tr>
  )
}

function useWindow() {
  const { coverage, view, now } = useTerminal()
  return createMemo(() => {
    const to = endOf(view(), coverage.shown().at || now())
    return { from: to - lengthOf(view()), to }
  })
}

function Health(props: { venue: Heard }) {
  const { status, now, moving } = useTerminal()
  const mine = createMemo(() =>
    moving() ? (status()?.connections ?? []).filter(({ venue }) => venue === props.venue.venue) : [],
  )
  const worst = () => mine().find(({ state }) => state !== 'open') ?? mine()[0]
  return (
    <Show
      when={worst()}
      fallback={
        <span class="label">
          {props.venue.lastEvent
            ? `◷ ${props.venue.sources.join(', ')}, last ${formatTime(props.venue.lastEvent).slice(0, 16)}`
            : '◷ recorded'}
        </span>
      }
    >
      {(connection) => (
        <span
          title={detail(connection(), mine().length)}
          classList={{ warn: connection().state === 'silent', broken: isBroken(connection()) }}
        >
          {sign(connection())} {healthWords(connection(), now())}
        </span>
      )}
    </Show>
  )
}

function isBroken({ state }: Connection): boolean {
  return state === 'waiting' || state === 'closed'
}

function sign({ state }: Connection): string {
  return { open: '●', silent: '◐', connecting: '◌', waiting: '✕', closed: '✕' }[state]
}

function healthWords({ state, lastFrame, why }: Connection, now: number): string {
  const alive = lastFrame === undefined ? '' : ` ${formatSpan(Math.max(0, now - lastFrame))} ago`
  if (state === 'open') return lastFrame === undefined ? 'open' : `frame${alive}`
  return `${state}${why ? `: ${why}` : ''}`
}

function detail({ frames, events, rejected, dropped, reconnects, skewMs }: Connection, count: number): string {
  const skew = skewMs === undefined ? '' : `, venue’s clock ${skewMs >= 0 ? '+' : ''}${skewMs} ms`
  return `${count} connections; this one: ${formatCount(frames)} frames, ${formatCount(events)} events, ${formatCount(rejected)} refused, ${formatCount(dropped)} dropped, ${formatCount(reconnects)} reconnects${skew}`
}

/** What we cannot know, one sentence each. */
function Reasons() {
  const { coverage, nameOf } = useTerminal()
  return (
    <Widget
      asked={coverage}
      title="Why a total here is a lower bound"
      height="160px"
      empty={({ data }) =>
        data.reasons.length === 0
          ? 'Nothing is known to be missing: totals of this window are complete (=).'
          : undefined
      }
    >
      {(answer) => (
        <>
          <ul class="reasons">
            <For each={answer().data.reasons}>{(reason) => <li>{reason}</li>}</For>
          </ul>
          <Show when={answer().data.without.length > 0}>
            <p class="label">Not estimated, not in any total: {answer().data.without.map(nameOf).join(', ')}.</p>
          </Show>
          <p class="label">
            We also cannot know what a venue nets before it publishes, nor orders of venues that nobody records.
          </p>
        </>
      )}
    </Widget>
  )
}

/** The dated policies of every feed: the ledger that makes an old total readable. */
function Policies() {
  const { cards } = useTerminal()
  const steps = createMemo(() =>
    (cards.shown().answer?.data ?? []).flatMap((card) =>
      card.coverage.filter(({ channel }) => channel === 'liquidations').map((fact) => ({ card, fact })),
    ),
  )
  return (
    <Panel title="Policy ledger: what each feed lets through, since when" class="ledger">
      <section class="scroll" tabindex="0" aria-label="policies by date">
        <table>
          <thead>
            <tr>
              <th scope="col">venue</th>
              <th scope="col">since</th>
              <th scope="col">lets through</th>
              <th scope="col">said where</th>
            </tr>
          </thead>
          <tbody>
            <For each={steps()}>{(step) => <Step card={step.card} fact={step.fact} />}</For>
          </tbody>
        </table>
      </section>
    </Panel>
  )
}

function Step(props: { card: Card; fact: Fact }) {
  return (
    <tr>
      <th scope="row">
        {props.card.name}
        <Show when={props.card.ended}>{(day) => <span class="tag">ended {day()}</span>}</Show>
      </th>
      <td>{props.fact.since ?? 'always'}</td>
      <td title={props.fact.note ?? ''}>
        {shortPolicy(props.fact.policy)}
        <Show when={props.fact.policy.kind === 'sampled' && props.fact.policy}>
          {(policy) => (
            <span class="label"> {policy().keep === 'unknown' ? 'which one is not said' : policy().keep}</span>
          )}
        </Show>
      </td>
      <td>
        <a href={props.fact.page} target="_blank" rel="noreferrer">
          {host(props.fact.page)}
        </a>
      </td>
    </tr>
  )
}

function host(page: string): string {
  try {
    return new URL(page).hostname.replace(/^www\./, '')
  } catch {
    return page
  }
}
