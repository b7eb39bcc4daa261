/** What stands around the map: the fields, the legend in dollars, what a price reaches, the list of clusters, the model card. */
import { For, Show } from 'solid-js'
import { formatCount, formatNumber, formatShare, formatUsd } from '../../../lib/analytics/index.ts'
import type { HeatReach, ListedCluster } from '../data/heatmap-model.ts'
import type { HeatFacts } from '../data/heatmap-worker.ts'
import { HEATMAP_NUMBERS, type HeatmapField, type HeatmapInput, type HeatmapWords } from '../state/heatmap.ts'
import { coinPrice, moved } from './cascade-words.ts'
import { Side } from './figure.tsx'
import { heatScale } from './heatmap-colours.ts'
import { OwnPositions } from './own-positions.tsx'
import { NumberField, Toggle } from './position-form.tsx'

/** Changes some words; `done` when the hand lets go. */
export type HeatmapChange = (patch: Partial<HeatmapWords>, done: boolean) => void

type FormProps = {
  readonly words: HeatmapWords
  readonly input: HeatmapInput
  readonly change: HeatmapChange
  readonly text: string
  readonly setText: (text: string) => void
}

/** Whose levels, and which layer is drawn over time. */
export function HeatmapForm(props: FormProps) {
  const set = (field: HeatmapField) => (word: string, done: boolean) => props.change({ [field]: word }, done)
  return (
    <form class="heatmap-form" onSubmit={(event) => event.preventDefault()} aria-label="heatmap">
      <Toggle
        name="book"
        label="Book"
        value={props.words.book}
        options={['demo', 'own']}
        complaint={props.input.complaints.book}
        onWord={set('book')}
      />
      <Toggle
        name="layer"
        label="Layer over time"
        value={props.words.layer}
        options={['exact', 'estimate']}
        complaint={props.input.complaints.layer}
        onWord={set('layer')}
      />
      <Show
        when={props.words.book === 'demo'}
        fallback={
          <OwnPositions text={props.text} setText={props.setText} rows={3}>
            <p class="field-says">
              It stays in this browser. A list has no past: only today’s column is filled, and nothing can be estimated
              from it.
            </p>
          </OwnPositions>
        }
      >
        <NumberField
          name="seed"
          label="Seed"
          unit=""
          word={props.words.seed}
          complaint={undefined}
          scale={undefined}
          onWord={set('seed')}
        />
        <Toggle
          name="positions"
          label="Positions today"
          value={
            props.words.positions === ''
              ? 'its own'
              : props.words.positions === '1000000'
                ? 'a million'
                : props.words.positions
          }
          options={['its own', 'a million']}
          complaint={props.input.complaints.positions}
          onWord={(word, done) => props.change({ positions: word === 'a million' ? '1000000' : '' }, done)}
        />
      </Show>
    </form>
  )
}

/** Venues and protocols, each on or off. The estimate is of the whole market and has none. */
export function SourceToggles(props: {
  facts: HeatFacts
  hidden: readonly string[]
  onHidden: (hidden: readonly string[]) => void
}) {
  return (
    <fieldset class="switch sources-switch" aria-label="venues and protocols of the exact layer">
      <For each={props.facts.sources}>
        {(name) => (
          <button
            type="button"
            aria-pressed={!props.hidden.includes(name)}
            onClick={() =>
              props.onHidden(
                props.hidden.includes(name) ? props.hidden.filter((one) => one !== name) : [...props.hidden, name],
              )
            }
          >
            {name}
          </button>
        )}
      </For>
    </fieldset>
  )
}

/** The scale: colours with their dollars. */
export function HeatLegend(props: { largest: number; layer: 'exact' | 'estimate' }) {
  const steps = () =>
    [0, 0.2, 0.4, 0.6, 0.8, 1].map((part, at) => ({ level: at, usd: heatScale(props.largest).usdAt(part) }))
  return (
    <p class="heat-legend" data-testid="legend">
      <span class="label">a cell, {props.layer === 'exact' ? '⊢= exact' : '⊢~ estimate, hatched'}:</span>
      <For each={steps()}>
        {(step) => (
          <span class="legend-step">
            <span class="swatch" style={{ background: `var(--level-${step.level})` }} /> {formatUsd(step.usd)}
          </span>
        )}
      </For>
      <span class="label">log scale, notional that would be liquidated</span>
    </p>
  )
}

/** "If the price reaches X, Y is liquidated", each layer for itself. */
export function ReachWords(props: { reach: HeatReach | undefined; facts: HeatFacts }) {
  return (
    <Show when={props.reach} fallback={<p class="truth">…</p>}>
      {(reach) => {
        const side = () => (reach().price < props.facts.price ? 'long' : 'short')
        return (
          <p class="truth reach" data-testid="reach">
            If the price reaches <strong>{coinPrice(reach().price)}</strong> ({moved(reach().price, props.facts.price)}
            ),{' '}
            <strong data-testid="reach-exact" title={`$${reach().exact[side()]}`}>
              ⊢={formatUsd(reach().exact[side()])}
            </strong>{' '}
            of <Side side={side()} full /> by the exact layer
            <Show when={reach().estimate}>{(guess) => <>; the estimate says ⊢~{formatUsd(guess()[side()])}</>}</Show>.
            No impact of the forced orders themselves is in it: that is the cascade lab’s.
          </p>
        )
      }}
    </Show>
  )
}

/** Clusters a percent wide, nearest first: ten of them, or all. */
export function ClusterTable(props: {
  list: readonly ListedCluster[]
  facts: HeatFacts
  most: number
  onPrice: (price: number) => void
}) {
  return (
    <section class="scroll scroll-x" tabindex="0" aria-label="clusters, nearest first">
      <table class="clusters">
        <thead>
          <tr>
            <th scope="col">side</th>
            <th scope="col" class="num">
              price
            </th>
            <th scope="col" class="num">
              away
            </th>
            <th scope="col" class="num">
              exact
            </th>
            <th scope="col" class="num">
              up to there
            </th>
            <th scope="col" class="num">
              estimate
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={props.list.slice(0, props.most)}>
            {(one) => (
              <tr>
                <td>
                  <Side side={one.side} />
                </td>
                <th scope="row" class="num">
                  <button
                    type="button"
                    class="tool"
                    title="ask about this price"
                    onClick={() => props.onPrice(one.side === 'long' ? one.from : one.to)}
                  >
                    {coinPrice(one.side === 'long' ? one.from : one.to)}
                  </button>
                </th>
                <td class="num">{moved(one.side === 'long' ? one.from : one.to, props.facts.price)}</td>
                <td class="num">⊢={formatUsd(one.usd)}</td>
                <td class="num">⊢={formatUsd(one.upTo)}</td>
                <td class="num">{one.estimate === undefined ? '—' : `⊢~${formatUsd(one.estimate)}`}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  )
}

/** What the estimate assumes, editable, with its score against the market that it was held against. */
export function ModelCard(props: FormProps & { readonly facts: HeatFacts | undefined }) {
  const set = (field: HeatmapField) => (word: string, done: boolean) => props.change({ [field]: word }, done)
  const number = (field: keyof typeof HEATMAP_NUMBERS) => {
    const rule: { label: string; unit: string; scale?: object; hint?: string } = HEATMAP_NUMBERS[field]
    return (
      <NumberField
        name={field}
        label={rule.label}
        unit={rule.unit}
        word={props.words[field]}
        complaint={props.input.complaints[field]}
        scale={rule.scale as never}
        hint={rule.hint}
        onWord={set(field)}
      />
    )
  }
  return (
    <div class="model-card">
      <div class="position-form">
        <div class="mix-field">
          <NumberField
            name="mix"
            label="Leverage mix"
            unit="leverage:share"
            word={props.words.mix}
            complaint={props.input.complaints.mix}
            scale={undefined}
            hint="shares of what is opened, in any unit"
            onWord={set('mix')}
          />
        </div>
        {number('maintenance')}
        {number('turnover')}
        {number('cluster')}
        {number('step')}
      </div>
      <Score facts={props.facts} />
    </div>
  )
}

function Score(props: { facts: HeatFacts | undefined }) {
  return (
    <div>
      <Show
        when={props.facts?.score}
        fallback={
          <p class="empty">
            {props.facts ? 'No score: it needs a market with a past, and a list has none.' : 'The score is computed …'}
          </p>
        }
      >
        {(score) => (
          <dl class="headline" data-testid="score">
            <div class="big-fact">
              <dt>mass in the wrong place</dt>
              <dd data-testid="mass-error">⊢{formatShare(score().massError)}</dd>
            </div>
            <div class="big-fact">
              <dt>rank correlation</dt>
              <dd data-testid="rank">
                {score().rankCorrelation === undefined ? '—' : `⊢${formatNumber(score().rankCorrelation, 3)}`}
              </dd>
            </div>
            <div>
              <dt>estimated of true mass</dt>
              <dd>⊢×{formatNumber(score().massRatio, 3)}</dd>
            </div>
            <div>
              <dt>bins, both sides</dt>
              <dd>{formatCount(score().bins)}</dd>
            </div>
          </dl>
        )}
      </Show>
      <ul class="notes">
        <li>
          What the estimate sees: hourly highs, lows, average prices, open interest and the takers’ share of buys. It
          never sees a position.
        </li>
        <li>
          What is opened in a bar is spread over the leverages at the bar’s average price; a level goes when the price
          crosses it; what closes shrinks all alike.
        </li>
        <li>
          The score is against the simulated market, whose positions are known, within 30 % of the price. It says
          nothing about any real venue.
        </li>
        <li>
          Isolated margin and one maintenance rate are assumed; a fifth of the simulated accounts have more margin than
          their leverage asks for, as cross accounts do.
        </li>
      </ul>
    </div>
  )
}
