/** One loan in full: how safe it is and in which words, what it has and owes, its prices, and what a liquidator would do. */
import { For, Index, type JSX, Show } from 'solid-js'
import {
  formatFactor,
  formatNumber,
  formatShare,
  formatUsd,
  hardnessWords,
  type LegFigures,
  type LoanFigures,
  type PriceFigures,
  parseShock,
  type Standing,
  shockSentence,
  type TakeFigures,
} from '../../../lib/analytics/index.ts'
import type { CurvePoint } from '../data/lending.ts'
import type { LendingWords } from '../state/lending.ts'
import { HealthCurve, HealthTable } from './lending-curve.tsx'
import type { LendingChange } from './lending-form.tsx'
import { moveText, priceText, stateClass, stateText } from './lending-words.ts'
import { Panel } from './widget.tsx'

type LoanProps = {
  readonly loan: LoanFigures
  readonly curve: readonly CurvePoint[]
  readonly drop: number
  readonly words: LendingWords
  readonly change: LendingChange
  readonly asTable: boolean
  readonly simulated: boolean
}

/** The panels of a loan. */
export function Loan(props: LoanProps) {
  const is = () => props.loan
  return (
    <>
      <Panel title={titleOf(is())} class="answer">
        <Headline loan={is()} simulated={props.simulated} />
        <p class="truth" data-testid="loan-says">
          {is().says}
        </p>
        <Show when={is().under}>
          {(under) => (
            <p class="truth">
              <span class="label">After: {under().sentence}</span> {under().says}
            </p>
          )}
        </Show>
        <p class="truth label">{hardnessWords(is().mechanism)}</p>
      </Panel>
      <Show when={props.curve.length > 0}>
        <Panel
          title="Health factor as the price falls"
          chart="health"
          summary={`${is().under?.sentence ?? ''} Liquidatable below 1.`}
        >
          <Show
            when={props.asTable}
            fallback={<HealthCurve points={props.curve} drop={props.drop} simulated={props.simulated} />}
          >
            <HealthTable points={props.curve} drop={props.drop} />
          </Show>
        </Panel>
      </Show>
      <div class="columns">
        <Panel title="What it has and owes">
          <Legs legs={is().legs} />
        </Panel>
        <Panel title="Where it is liquidated" summary="One price moves, all others stay.">
          <Prices prices={is().prices} />
          <Breaks loan={is()} />
        </Panel>
      </div>
      <Liquidator {...props} />
    </>
  )
}

/** Account, protocol, and the market where a protocol has several. */
function titleOf({ account, protocol, target }: LoanFigures): string {
  const market = target === account ? '' : ` · ${target.slice(0, -account.length - 1)}`
  return `${account} · ${protocol}${market}`
}

function Headline(props: { loan: LoanFigures; simulated: boolean }) {
  const sim = () => (props.simulated ? '⊢' : '')
  return (
    <dl class="headline">
      <div class="big-fact">
        <dt>health factor now</dt>
        <dd data-testid="health-factor">{formatFactor(props.loan.healthFactor)}</dd>
      </div>
      <Show when={props.loan.under}>
        {(under) => (
          <div class="big-fact">
            <dt>after {under().shock}</dt>
            <dd data-testid="health-after">{formatFactor(under().healthFactor)}</dd>
          </div>
        )}
      </Show>
      <div>
        <dt>state</dt>
        <dd class={stateClass(props.loan)} data-testid="loan-state">
          {stateText(props.loan)}
        </dd>
      </div>
      <Show when={props.loan.under}>
        {(under) => (
          <div>
            <dt>state after</dt>
            <dd class={stateClass(under())}>{stateText(under())}</dd>
          </div>
        )}
      </Show>
      <div>
        <dt>collateral</dt>
        <dd>
          <span class="sym">{sim()}</span>
          {formatUsd(props.loan.collateral)}
        </dd>
      </div>
      <div>
        <dt>debt</dt>
        <dd>
          <span class="sym">{sim()}</span>
          {formatUsd(props.loan.debt)}
        </dd>
      </div>
    </dl>
  )
}

function Legs(props: { legs: readonly LegFigures[] }) {
  return (
    <section class="scroll-x" tabindex="0" aria-label="collateral and debt">
      <table>
        <thead>
          <tr>
            <th scope="col">side</th>
            <th scope="col">asset</th>
            <th scope="col" class="num">
              amount
            </th>
            <th scope="col" class="num">
              worth
            </th>
            <th
              scope="col"
              class="num"
              title="liquidation threshold: the part of its worth that counts against the debt"
            >
              threshold
            </th>
          </tr>
        </thead>
        <tbody>
          <Index each={props.legs}>
            {(leg) => (
              <tr>
                <td class="label">{leg().side}</td>
                <th scope="row">{leg().asset}</th>
                <td class="num" title={leg().amount}>
                  {formatNumber(Number(leg().amount), 8)}
                </td>
                <td class="num">{formatUsd(leg().usd)}</td>
                <td class="num">
                  {leg().side === 'debt' ? '·' : leg().counts ? formatShare(leg().threshold) : 'backs nothing'}
                </td>
              </tr>
            )}
          </Index>
        </tbody>
      </table>
    </section>
  )
}

function Prices(props: { prices: readonly PriceFigures[] }) {
  return (
    <section class="scroll-x" tabindex="0" aria-label="liquidation prices">
      <table>
        <thead>
          <tr>
            <th scope="col">price of</th>
            <th scope="col" class="wide">
              is
            </th>
            <th scope="col" class="num">
              now
            </th>
            <th scope="col" class="num">
              liquidated at
            </th>
            <th scope="col" class="num">
              away
            </th>
          </tr>
        </thead>
        <tbody>
          <Index each={props.prices}>
            {(price) => (
              <tr>
                <th scope="row">
                  {price().asset} <span class="label">in {price().quote}</span>
                </th>
                <td class="label wide">{price().side === 'both' ? 'on both sides' : price().side}</td>
                <td class="num">{priceText(price().now)}</td>
                <td class="num strong" data-testid={`price-${price().asset}`}>
                  {price().price === undefined && price().always ? 'at any' : priceText(price().price)}
                </td>
                <td class="num">{moveText(price().move)}</td>
              </tr>
            )}
          </Index>
        </tbody>
      </table>
    </section>
  )
}

/** What each kind of shock may do before the loan is liquidatable. */
function Breaks(props: { loan: LoanFigures }) {
  return (
    <ul class="breaks">
      <For each={props.loan.breaks}>
        {({ shock, drop }) => (
          <li>
            <span class="break-drop num">{drop === undefined ? 'any fall' : drop === 0 ? 'none' : `−${drop} %`}</span>
            <span class="break-lane" aria-hidden="true">
              <span style={{ width: `${drop === undefined ? 100 : drop}%` }} />
            </span>
            <code>{shock}</code> <span class="label">{kindWords(shock)}</span>
          </li>
        )}
      </For>
    </ul>
  )
}

/** The sentence of a kind of shock without its size. */
function kindWords(shock: string): string {
  return shockSentence(parseShock(`${shock}=-1%`))
    .replace(' −1 %', ' fall')
    .replace(/\.$/, '')
}

/** What a liquidator would do: now, and after the shock. */
function Liquidator(props: LoanProps) {
  return (
    <Panel
      title="What a liquidator would do"
      summary="The largest liquidation that the protocol accepts, at oracle value; then what is left after selling the collateral, a flash loan and gas."
    >
      <Costs words={props.words} change={props.change} />
      <div class="columns">
        <Take when="now" standing={props.loan} />
        <Show when={props.loan.under}>{(under) => <Take when={`after ${under().shock}`} standing={under()} />}</Show>
      </div>
    </Panel>
  )
}

function Take(props: { when: string; standing: Standing }) {
  return (
    <section class="take">
      <h3>{props.when}</h3>
      <Show when={props.standing.take} fallback={<p class="label">{nobody(props.standing)}</p>}>
        {(take) => <TakeFacts take={take()} before={props.standing.healthFactor} />}
      </Show>
    </section>
  )
}

function nobody({ liquidatable, state }: Standing): string {
  if (!liquidatable) return 'Nothing: nobody may liquidate.'
  return state === 'liquidatable' ? 'No single oracle shows these prices.' : 'No liquidation is accepted.'
}

function TakeFacts(props: { take: TakeFigures; before: number | undefined }) {
  const is = () => props.take
  const fact = (name: string, value: JSX.Element) => (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  )
  return (
    <dl class="fields">
      {fact(
        'repays',
        <>
          {legsText(is().repays)} = {formatUsd(is().repaid)}
          <Show when={is().part !== undefined}>
            <span class="label"> {formatShare(is().part)} of the debt</span>
          </Show>
        </>,
      )}
      {fact(
        'receives',
        <>
          {legsText(is().receives)} = {formatUsd(is().received)}
          <Show when={is().bonus !== undefined}>
            <span class="label"> {((is().bonus ?? 0) * 100).toFixed(2)} % more</span>
          </Show>
        </>,
      )}
      {fact(
        'pays beside',
        `slippage ${formatUsd(is().slippage)}, flash loan ${formatUsd(is().flashFee)}, gas ${formatUsd(is().gas)}`,
      )}
      {fact('is left with', <strong classList={{ broken: is().profit < 0 }}>{formatUsd(is().profit)}</strong>)}
      {fact(
        'the loan then',
        <>
          {is().closed ? 'is gone' : `has health ${formatFactor(props.before)} → ${formatFactor(is().after)}`}
          <Show when={is().badDebt}>
            <span class="broken">; bad debt is left</span>
          </Show>
        </>,
      )}
      {fact('toxic', is().toxic ? <span class="warn">yes: it is less healthy than before</span> : 'no')}
    </dl>
  )
}

function legsText(legs: readonly LegFigures[]): string {
  const sums = new Map<string, number>()
  for (const { asset, amount } of legs) sums.set(asset, (sums.get(asset) ?? 0) + Number(amount))
  return [...sums].map(([asset, amount]) => `${formatNumber(amount, 7)} ${asset}`).join(' + ') || 'nothing'
}

const COSTS = [
  ['slippage', 'Slippage'],
  ['flash', 'Flash loan'],
  ['gas', 'Gas, $'],
] as const

function Costs(props: { words: LendingWords; change: LendingChange }) {
  return (
    <div class="costs">
      <For each={COSTS}>
        {([name, label]) => (
          <label>
            {label}{' '}
            <input
              type="text"
              name={name}
              size="7"
              autocomplete="off"
              value={props.words[name]}
              onChange={(event) => props.change({ [name]: event.currentTarget.value.trim() }, true)}
            />
          </label>
        )}
      </For>
    </div>
  )
}
