/** Records: every day of a scope, the worst of them, and the article of a day. */
import { createEffect, createMemo, For, onCleanup, Show } from 'solid-js'
import { formatCount, formatMultiple, formatUsd } from '../../../lib/analytics/index.ts'
import { createAnswer } from '../data/answer.ts'
import { DEFAULT_WINDOW, filterWords } from '../state/view.ts'
import { Article } from '../ui/article.tsx'
import { Calendar, type Day } from '../ui/calendar.tsx'
import { useTerminal } from '../ui/context.ts'
import { Dollars } from '../ui/figure.tsx'
import { endOf } from '../ui/hours.tsx'
import { Link } from '../ui/link.tsx'
import { Widget } from '../ui/widget.tsx'

const MOST_DAYS = '5000'
const SHOWN = 25

/** The record books of both kinds; where both are asked for, the one that has days is open, perps first. */
function createBook() {
  const { view, now, moving } = useTerminal()
  const book = (kind: 'perp' | 'loan') =>
    createAnswer(
      '/v1/records',
      () =>
        view().kind === 'both' || view().kind === kind ? { ...filterWords(view(), kind), limit: MOST_DAYS } : undefined,
      { everyMs: 30_000, live: moving },
    )
  const [perps, loans] = [book('perp'), book('loan')]
  const kind = createMemo((): 'perp' | 'loan' => {
    if (view().kind !== 'both') return view().kind as 'perp' | 'loan'
    const answer = perps.shown().answer
    return answer && answer.data.days.length === 0 && (loans.shown().answer?.data.days.length ?? 0) > 0
      ? 'loan'
      : 'perp'
  })
  const open = () => (kind() === 'perp' ? perps : loans)
  const asked = { shown: () => open().shown(), again: () => open().again(), url: () => open().url() }
  const records = () => asked.shown().answer?.data
  const day = createMemo(() => {
    if (view().at !== undefined) return new Date(endOf(view(), now()) - 1).toISOString().slice(0, 10)
    return records()?.days[0]?.day
  })
  return { asked, kind, records, day, record: () => records()?.days.find((entry) => entry.day === day()) }
}

type Book = ReturnType<typeof createBook>

/** The page. */
export function RecordsPage() {
  const { claim } = useTerminal()
  const book = createBook()
  createEffect(() => {
    const sources = book.asked.shown().answer?.provenance.sources
    claim(sources && sources.length > 0 ? sources : undefined)
  })
  onCleanup(() => claim(undefined))
  return (
    <>
      <Scopes kind={book.kind()} />
      <div class="columns wide-left">
        <div class="stack">
          <Days book={book} />
          <Worst book={book} />
        </div>
        <Show when={book.day()}>
          {(chosen) => (
            <Article day={chosen()} kind={book.kind()} record={book.record()} scope={book.records()?.scope} />
          )}
        </Show>
      </div>
    </>
  )
}

function Days(props: { book: Book }) {
  const { view, go } = useTerminal()
  return (
    <Widget
      asked={props.book.asked}
      chart="calendar"
      title={`Calendar of days, ${props.book.kind()}s`}
      height="220px"
      summary={({ data }) =>
        data.days[0]
          ? `${formatCount(data.daysWithEvents)} days with events from ${data.begins} to ${data.ends}; the worst is ${data.days[0].day} with ${data.days[0].bound}${formatUsd(data.days[0].usd)}. Scope: ${data.scope}.`
          : undefined
      }
      empty={({ data }) => (data.days.length === 0 ? <NoDays scope={data.scope} /> : undefined)}
    >
      {(answer) => (
        <Show
          when={!view().table.includes('calendar')}
          fallback={<AllDays days={byDate(answer().data.days)} chosen={props.book.day()} />}
        >
          <Calendar
            days={answer().data.days}
            chosen={props.book.day()}
            onPick={(day) => go({ at: day, window: DEFAULT_WINDOW })}
            label={`Calendar of ${answer().data.daysWithEvents} days; the table of days holds the same figures`}
          />
        </Show>
      )}
    </Widget>
  )
}

function Worst(props: { book: Book }) {
  const { view } = useTerminal()
  const worst = () => view().order === 'worst'
  return (
    <Widget
      asked={props.book.asked}
      title={worst() ? 'Worst days' : 'Most recent days'}
      height="400px"
      tools={
        <Link to={{ order: worst() ? 'recent' : 'worst' }} class="tool">
          {worst() ? 'most recent first' : 'worst first'}
        </Link>
      }
      empty={({ data }) => (data.days.length === 0 ? 'no day' : undefined)}
    >
      {(answer) => (
        <section class="scroll-x" tabindex="0" aria-label="days of the record">
          <DayTable
            days={(worst() ? answer().data.days : byDate(answer().data.days)).slice(0, SHOWN)}
            chosen={props.book.day()}
          />
        </section>
      )}
    </Widget>
  )
}

function byDate(days: readonly Day[]): readonly Day[] {
  return [...days].sort((a, b) => (a.day < b.day ? 1 : -1))
}

/** The scopes that one is likely to want. "Worst since" without a scope is no fact. */
function Scopes(props: { kind: 'perp' | 'loan' }) {
  const { view, go } = useTerminal()
  const shipped = () => view().src === 'aave-v2'
  return (
    <p class="scopes">
      <span class="label">record book of</span>{' '}
      <button
        type="button"
        class="chip"
        aria-pressed={!shipped() && props.kind === 'perp'}
        onClick={() => go({ src: undefined, kind: 'perp', at: shipped() ? undefined : view().at })}
      >
        perps in the store
      </button>{' '}
      <button
        type="button"
        class="chip"
        aria-pressed={!shipped() && props.kind === 'loan'}
        onClick={() => go({ src: undefined, kind: 'loan', at: shipped() ? undefined : view().at })}
      >
        loans in the store
      </button>{' '}
      <button
        type="button"
        class="chip"
        aria-pressed={shipped()}
        onClick={() =>
          go({
            src: 'aave-v2',
            kind: 'loan',
            at: undefined,
            venue: [],
            coin: [],
            side: [],
            minUsd: undefined,
            account: undefined,
          })
        }
      >
        Aave v2, Dec 2020 – Apr 2022 ◷
      </button>
    </p>
  )
}

function NoDays(props: { scope: string }) {
  return (
    <>
      <p>The record book of this scope has no day yet: {props.scope}.</p>
      <p>
        <Link to={{ src: 'aave-v2', kind: 'loan', at: undefined }}>Real days of Aave v2 ship with the program ▸</Link>
      </p>
    </>
  )
}

function AllDays(props: { days: readonly Day[]; chosen: string | undefined }) {
  return (
    <section class="scroll" tabindex="0" aria-label="all days of the record">
      <DayTable days={props.days} chosen={props.chosen} />
    </section>
  )
}

function DayTable(props: { days: readonly Day[]; chosen: string | undefined }) {
  const { simulated } = useTerminal()
  return (
    <table class="days">
      <caption class="visually-hidden">days of the record book</caption>
      <thead>
        <tr>
          <th scope="col" class="num">
            rank
          </th>
          <th scope="col">day (UTC)</th>
          <th scope="col" class="num">
            dollars
          </th>
          <th scope="col" class="num">
            events
          </th>
          <th scope="col" class="num wide">
            accounts
          </th>
          <th scope="col" class="num">
            largest
          </th>
          <th scope="col" class="num wide">
            × 30-day mean
          </th>
          <th scope="col" class="wide">
            worst since
          </th>
        </tr>
      </thead>
      <tbody>
        <For each={props.days}>
          {(day) => (
            <tr classList={{ chosen: day.day === props.chosen }}>
              <td class="num">#{day.rank}</td>
              <th scope="row">
                <Link to={{ at: day.day, window: '24h' }}>{day.day}</Link>
              </th>
              <td class="num">
                <Dollars usd={day.unpriced === day.events ? undefined : day.usd} bound={day.bound} sim={simulated()} />
              </td>
              <td class="num">{formatCount(day.events)}</td>
              <td class="num wide">{formatCount(day.accounts)}</td>
              <td class="num">
                <Show when={day.largest?.id} fallback={formatUsd(day.largest?.usd)}>
                  {(id) => <Link to={{ event: id() }}>{formatUsd(day.largest?.usd)}</Link>}
                </Show>
              </td>
              <td class="num wide">{formatMultiple(day.versus?.meanMultiple)}</td>
              <td class="wide">{day.worstSince?.day ?? 'ever in this record'}</td>
            </tr>
          )}
        </For>
      </tbody>
    </table>
  )
}
