/** The article of a day: every sentence with its receipts, every receipt with the command that gives it again. */
import { createSignal, For, Show } from 'solid-js'
import { formatCount, formatMultiple, formatUsd } from '../../../lib/analytics/index.ts'
import type { Answers } from '../../../lib/api/index.ts'
import { createAnswer } from '../data/answer.ts'
import { urlOf } from '../data/api.ts'
import { filterWords } from '../state/view.ts'
import type { Day } from './calendar.tsx'
import { useTerminal } from './context.ts'
import { Copy } from './copy.tsx'
import { Link } from './link.tsx'
import { Widget } from './widget.tsx'

type WireReport = Answers['/v1/report']['data']

/** The article. `record` is the day's line of the record book: it stands in where the events themselves are not in this store. */
export function Article(props: {
  day: string
  kind: 'perp' | 'loan'
  record: Day | undefined
  scope: string | undefined
}) {
  const { view } = useTerminal()
  const params = () => ({ ...filterWords(view(), props.kind), at: props.day })
  const asked = createAnswer('/v1/report', params)
  return (
    <Widget
      asked={asked}
      title={`Report of ${props.day}`}
      height="300px"
      class="article"
      tools={
        <>
          <Copy text={() => asked.shown().answer?.data.markdown ?? ''} label="copy Markdown" />
          <a class="tool" href={urlOf('/v1/report', params())} target="_blank" rel="noreferrer">
            JSON
          </a>
        </>
      }
    >
      {(answer) => (
        <Show
          when={answer().data.totals.events > 0}
          fallback={<FromTable day={props.day} record={props.record} scope={props.scope} />}
        >
          <Text report={answer().data} day={props.day} kind={props.kind} />
        </Show>
      )}
    </Widget>
  )
}

function Text(props: { report: WireReport; day: string; kind: 'perp' | 'loan' }) {
  const [lit, setLit] = createSignal<number>()
  return (
    <article>
      <h3 class="headline">{props.report.headline}</h3>
      <p class="body">
        <For each={props.report.sentences}>
          {(sentence) => (
            <span classList={{ lit: lit() !== undefined && sentence.receipts.includes(lit() as number) }}>
              {sentence.text}
              <For each={sentence.receipts}>
                {(id) => (
                  <a class="ref" href={`#receipt-${id}`} onClick={(event) => jump(event, id)} title={`receipt ${id}`}>
                    [{id}]
                  </a>
                )}
              </For>{' '}
            </span>
          )}
        </For>
      </p>
      <p>
        <Link to={{ page: 'tape', at: props.day, window: '24h', kind: props.kind }}>
          open the {formatCount(props.report.totals.events)} rows ▸
        </Link>
      </p>
      <h4>Receipts</h4>
      <ol class="receipts">
        <For each={props.report.receipts}>
          {(receipt) => (
            <li
              id={`receipt-${receipt.id}`}
              value={receipt.id}
              tabindex="-1"
              onPointerEnter={() => setLit(receipt.id)}
              onPointerLeave={() => setLit(undefined)}
            >
              {receipt.says}: <strong>{receipt.value}</strong>
              <div class="command">
                <code>{receipt.command}</code> <Copy text={() => receipt.command} label="copy" />
              </div>
            </li>
          )}
        </For>
      </ol>
    </article>
  )
}

/** Scrolls there without touching the address, which is the view's. */
function jump(event: MouseEvent, id: number): void {
  event.preventDefault()
  const target = document.getElementById(`receipt-${id}`)
  target?.scrollIntoView({ block: 'nearest' })
  target?.focus()
}

function FromTable(props: { day: string; record: Day | undefined; scope: string | undefined }) {
  return (
    <Show
      when={props.record}
      fallback={
        <p class="empty">
          No liquidation was heard on {props.day} in this scope: {props.scope ?? 'every venue in the store'}.
        </p>
      }
    >
      {(day) => (
        <article>
          <h3 class="headline">
            {day().day}: {day().bound}
            {formatUsd(day().usd)},{' '}
            {day().worstSince ? `the worst day since ${day().worstSince?.day}` : 'the worst day of this record'}
          </h3>
          <dl class="fields">
            <dt>rank</dt>
            <dd>
              #{day().rank} of {formatCount(day().ofDays)} days with events
            </dd>
            <dt>events</dt>
            <dd>
              {formatCount(day().events)}
              {day().unpriced > 0
                ? `, of them ${formatCount(day().unpriced)} without a price: counted, not summed`
                : ''}
            </dd>
            <dt>accounts</dt>
            <dd>{formatCount(day().accounts)}</dd>
            <dt>largest</dt>
            <dd>{formatUsd(day().largest?.usd)}</dd>
            <Show when={day().previousRecord}>
              {(previous) => (
                <>
                  <dt>record before it</dt>
                  <dd>
                    {previous().day} with {formatUsd(previous().usd)}: {formatMultiple(previous().multiple)}
                  </dd>
                </>
              )}
            </Show>
            <Show when={day().versus}>
              {(versus) => (
                <>
                  <dt>the {versus().days} days before</dt>
                  <dd>
                    {formatMultiple(versus().meanMultiple)} their mean ({formatUsd(versus().mean)}),{' '}
                    {formatMultiple(versus().medianMultiple)} their median ({formatUsd(versus().median)})
                  </dd>
                </>
              )}
            </Show>
            <dt>scope</dt>
            <dd>{props.scope}</dd>
          </dl>
          <p class="label">
            The events of this day are not in this store, so there is no article with receipts, only the day’s line of
            the table that ships with the program. <code>npx breakwater import FILE</code> brings the events.
          </p>
        </article>
      )}
    </Show>
  )
}
