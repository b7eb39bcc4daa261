/** The loans of the book, the nearest to liquidation first: how they stand, after the shock, and at which price they are liquidated. */
import { For, Index, Show } from 'solid-js'
import { formatCount, formatFactor, formatUsd, type LoanFigures, nearestPrice } from '../../../lib/analytics/index.ts'
import type { LoanPage } from '../data/lending.ts'
import type { LendingWords } from '../state/lending.ts'
import type { LendingChange } from './lending-form.tsx'
import { assetsText, lanePlace, moveText, priceText, stateClass, stateText } from './lending-words.ts'

type AccountsProps = {
  readonly page: LoanPage
  readonly words: LendingWords
  readonly change: LendingChange
  /** The address of a loan's own page. */
  readonly href: (target: string) => string
}

/** The order, the table, the pages. */
export function Accounts(props: AccountsProps) {
  return (
    <>
      <div class="table-tools">
        <fieldset class="switch" aria-label="order">
          <For
            each={
              [
                ['health', 'nearest to liquidation'],
                ['debt', 'largest debt'],
              ] as const
            }
          >
            {([order, label]) => (
              <button
                type="button"
                aria-pressed={props.words.order === order}
                onClick={() => props.change({ order, rows: '1' }, true)}
              >
                {label}
              </button>
            )}
          </For>
        </fieldset>
        <Pages page={props.page} change={props.change} />
      </div>
      <section class="scroll-x" tabindex="0" aria-label="loans">
        <table class="loans">
          <Head
            shocked={props.page.loans.some(({ under }) => under !== undefined)}
            order={props.words.order}
            sort={(order) => props.change({ order, rows: '1' }, true)}
          />
          <tbody>
            <Index each={props.page.loans}>
              {(loan) => <Row loan={loan()} href={props.href(loan().target)} change={props.change} />}
            </Index>
          </tbody>
        </table>
      </section>
    </>
  )
}

/** A head that sorts by its column; pressed again, the other way round. */
function Sorter(props: HeadProps & { by: string; name: string; num?: boolean; down?: boolean }) {
  const on = () => props.order.replace(/^-/, '') === props.by
  const down = () => props.order.startsWith('-') !== (props.down ?? false)
  return (
    <th scope="col" class={props.num ? 'num' : ''} aria-sort={on() ? (down() ? 'descending' : 'ascending') : 'none'}>
      <button
        type="button"
        class="sorter"
        onClick={() => props.sort(props.order === props.by ? `-${props.by}` : props.by)}
      >
        {props.name}
        <span aria-hidden="true">{on() ? (down() ? ' ▼' : ' ▲') : ''}</span>
      </button>
    </th>
  )
}

type HeadProps = { readonly order: string; readonly sort: (order: string) => void }

function Head(props: HeadProps & { shocked: boolean }) {
  return (
    <thead>
      <tr>
        <Sorter {...props} by="account" name="account" />
        <Sorter {...props} by="protocol" name="protocol" />
        <th scope="col">collateral</th>
        <th scope="col">debt</th>
        <Sorter {...props} by="debt" name="owes" num down />
        <th scope="col" class="num">
          health now
        </th>
        <th scope="col" class="lane-cell">
          after ┆ now
        </th>
        <Sorter {...props} by="health" name={props.shocked ? 'after the shock' : 'after'} num />
        <th scope="col">state after</th>
        <th scope="col" class="num" title="others fixed">
          liquidation price
        </th>
        <th scope="col" class="num">
          away
        </th>
        <th scope="col" class="num" title="the smallest fall of this kind of shock that makes it liquidatable">
          bears a fall of
        </th>
      </tr>
    </thead>
  )
}

function Row(props: { loan: LoanFigures; href: string; change: LendingChange }) {
  const near = () => nearestPrice(props.loan)
  const after = () => props.loan.under ?? props.loan
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    props.change({ account: props.loan.target }, true)
  }
  return (
    <tr data-account={props.loan.account}>
      <th scope="row">
        <a href={props.href} onClick={follow} title={props.loan.target}>
          {short(props.loan.account)}
        </a>
      </th>
      <td class="label" data-label="protocol">
        {props.loan.protocol}
      </td>
      <td data-label="collateral">{assetsText(props.loan, 'collateral')}</td>
      <td data-label="debt">{assetsText(props.loan, 'debt')}</td>
      <td class="num" data-label="owes">
        {formatUsd(props.loan.debt)}
      </td>
      <td class="num strong" data-label="health now">
        {formatFactor(props.loan.healthFactor)}
      </td>
      <td class="lane-cell">
        <Lane now={props.loan.healthFactor} after={after().healthFactor} />
      </td>
      <td class="num strong" data-label="after the shock">
        {props.loan.under ? formatFactor(props.loan.under.healthFactor) : '·'}
      </td>
      <td class={stateClass(after())} data-label="state">
        {stateText(after())}
      </td>
      <td class="num" data-label="liquidation price">
        <Show when={near()} fallback="none">
          {(price) => (
            <>
              <span class="label">{price().asset}</span> {priceText(price().price)}
            </>
          )}
        </Show>
      </td>
      <td class="num" data-label="away">
        {moveText(near()?.move)}
      </td>
      <td class="num" data-label="bears a fall of">
        {bears(props.loan)}
      </td>
    </tr>
  )
}

/** The fall that the asked kind of shock may have: `any` when no fall liquidates. */
function bears({ breaks, under }: LoanFigures): string {
  const kind = under?.shock.replace(/=.*$/, '')
  const found = breaks.find(({ shock }) => shock === kind) ?? (under ? undefined : breaks[0])
  if (!found) return '·'
  return found.drop === undefined ? 'any' : found.drop === 0 ? 'none' : `${found.drop} %`
}

/** A long address keeps its ends. */
function short(account: string): string {
  return account.length > 18 ? `${account.slice(0, 8)}…${account.slice(-6)}` : account
}

/** Health now and after the shock, from 0.8 to 1.6; the upright line is 1. */
function Lane(props: { now: number | undefined; after: number | undefined }) {
  const at = (factor: number | undefined) => lanePlace(factor) * 100
  return (
    <svg class="survival" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">
      <rect class="lane-ground" x="0" y="5" width="100" height="2" />
      <rect
        class="lane-lost"
        x={Math.min(at(props.after), at(props.now))}
        y="3"
        width={Math.max(0.8, Math.abs(at(props.now) - at(props.after)))}
        height="6"
      />
      <rect class="lane-one" x={at(1) - 0.6} y="0" width="1.2" height="12" />
      <rect class="lane-now" x={Math.max(0, at(props.now) - 1.6)} y="1" width="1.6" height="10" />
    </svg>
  )
}

function Pages(props: { page: LoanPage; change: LendingChange }) {
  const go = (page: number) => props.change({ rows: String(page) }, true)
  return (
    <div class="pages">
      <button type="button" disabled={props.page.page <= 1} onClick={() => go(props.page.page - 1)}>
        ‹ before
      </button>
      <span class="label">
        page {props.page.page} of {props.page.pages}, {formatCount(props.page.all)} loans
      </span>
      <button type="button" disabled={props.page.page >= props.page.pages} onClick={() => go(props.page.page + 1)}>
        next ›
      </button>
    </div>
  )
}
