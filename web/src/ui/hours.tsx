/** Liquidations over the window, as bars with their coverage; the table twin holds the same figures. */
import { type Accessor, createMemo, For, Show, untrack } from 'solid-js'
import { formatCount, formatShare, formatTime, formatUsd } from '../../../lib/analytics/index.ts'
import type { Answers } from '../../../lib/api/index.ts'
import { createAnswer } from '../data/answer.ts'
import { isDayView, type View } from '../state/view.ts'
import { Bars } from './bars.tsx'
import { useTerminal } from './context.ts'
import { Dollars } from './figure.tsx'
import { Link } from './link.tsx'
import { type Bucket, bucketsOf, stepsFor } from './series.ts'
import { Widget } from './widget.tsx'

type History = Answers['/v1/totals/history']

/** The chart of one kind of liquidation. */
export function Hours(props: { kind: 'perp' | 'loan'; height: number }) {
  const { view, words, moving, coverage, go, now } = useTerminal()
  const length = () => lengthOf(view())
  const steps = createMemo(() => stepsFor(length()))
  const asked = createAnswer('/v1/totals/history', () => ({ ...words(props.kind), interval: steps().interval }), {
    everyMs: 5_000,
    live: moving,
  })
  const name = () => (props.kind === 'perp' ? 'hours' : 'loan-hours')
  // A window that moves ends with the newest answer: its columns move when its figures do.
  const span = createMemo(() => {
    const to = endOf(view(), asked.shown().at || untrack(now))
    return { from: to - length(), to }
  })
  const buckets = (answer: Accessor<History>) => () =>
    bucketsOf(answer().data, span(), steps().step, coverage.shown().answer?.data.venues)
  const rows = (bucket: Bucket): Partial<View> => ({
    ...{ page: 'tape', kind: props.kind, window: `${Math.round(steps().step / 60_000)}m` },
    at: new Date(bucket.to).toISOString().replace('.000', ''),
  })
  return (
    <Widget
      asked={asked}
      chart={name()}
      title={`${props.kind === 'perp' ? 'Perps' : 'Loans'} per ${stepWords(steps().step)}`}
      height={`${props.height}px`}
      summary={(answer) => summaryOf(answer, props.kind)}
    >
      {(answer) => {
        const columns = createMemo(buckets(answer))
        return (
          <Show
            when={!view().table.includes(name())}
            fallback={<Twin buckets={columns()} rows={rows} plain={props.kind === 'loan'} />}
          >
            <Bars
              buckets={columns()}
              height={props.height}
              plain={props.kind === 'loan'}
              label={`${props.kind === 'perp' ? 'Perp' : 'Loan'} liquidations per ${stepWords(steps().step)}: ${summaryOf(answer(), props.kind)}`}
              onPick={(bucket) => go(rows(bucket))}
            />
          </Show>
        )
      }}
    </Widget>
  )
}

function Twin(props: { buckets: readonly Bucket[]; rows: (bucket: Bucket) => Partial<View>; plain: boolean }) {
  const { simulated } = useTerminal()
  // A column that nobody heard has no dollars that we know of.
  const amount = (usd: number, { events, heard }: Bucket) => (
    <Dollars usd={events === 0 && heard === 0 ? undefined : usd} sim={simulated()} />
  )
  return (
    <section class="scroll" tabindex="0" aria-label="table of the chart">
      <table>
        <thead>
          <tr>
            <th scope="col">from (UTC)</th>
            <Show
              when={!props.plain}
              fallback={
                <th scope="col" class="num">
                  repaid
                </th>
              }
            >
              <th scope="col" class="num short">
                ▲ short bought
              </th>
              <th scope="col" class="num long">
                ▼ long sold
              </th>
              <th scope="col" class="num">
                ◆ side unknown
              </th>
            </Show>
            <th scope="col" class="num">
              orders
            </th>
            <th scope="col" class="num">
              unpriced
            </th>
            <th scope="col" class="num">
              heard
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={[...props.buckets].reverse()}>
            {(bucket) => (
              <tr>
                <th scope="row">
                  <Link to={props.rows(bucket)}>{formatTime(bucket.from).slice(0, 16)}</Link>
                </th>
                <Show when={!props.plain} fallback={<td class="num">{amount(bucket.usd, bucket)}</td>}>
                  <td class="num short">{amount(bucket.short, bucket)}</td>
                  <td class="num long">{amount(bucket.long, bucket)}</td>
                  <td class="num">{amount(bucket.unknown, bucket)}</td>
                </Show>
                <td class="num">{formatCount(bucket.events)}</td>
                <td class="num">{formatCount(bucket.unpriced)}</td>
                <td class="num">{formatShare(bucket.heard)}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  )
}

function summaryOf({ data }: History, kind: 'perp' | 'loan'): string {
  const worst = data.reduce<History['data'][number] | undefined>(
    (best, point) => (best && best.usd >= point.usd ? best : point),
    undefined,
  )
  if (!worst) return `No ${kind} liquidation was heard in this window.`
  const { long, short } = worst
  const mostly = long.usd + short.usd === 0 ? '' : `, mostly ${long.usd >= short.usd ? 'longs' : 'shorts'}`
  return `Worst: ${formatTime(worst.time).slice(5, 16)} UTC with ${formatUsd(worst.usd)} in ${formatCount(worst.events)} order${worst.events === 1 ? '' : 's'}${mostly}.`
}

function stepWords(step: number): string {
  if (step === 3_600_000) return 'hour'
  if (step === 86_400_000) return 'day'
  return step < 3_600_000 ? (step === 60_000 ? 'minute' : `${step / 60_000} minutes`) : `${step / 3_600_000} hours`
}

const UNIT: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** The length of a view's window, ms. */
export function lengthOf(view: View): number {
  if (isDayView(view)) return 86_400_000
  const [, count, unit] = /^(\d+)([mhdw])$/.exec(view.window) ?? []
  return Number(count ?? 24) * (UNIT[unit ?? 'h'] as number)
}

/** Where a view's window ends, ms. */
export function endOf(view: View, now: number): number {
  if (view.at === undefined) return now
  if (/^\d{4}-\d\d-\d\d$/.test(view.at)) return Date.parse(view.at) + 86_400_000
  const at = Date.parse(view.at)
  return Number.isFinite(at) ? at : now
}
