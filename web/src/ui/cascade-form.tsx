/** The fields of the cascade lab: whose positions, which shocks, what stands in the market, and the chance of the fan. */
import { For, Show } from 'solid-js'
import {
  CASCADE_NUMBERS,
  type CascadeField,
  type CascadeInput,
  type CascadeNumber,
  type CascadeWords,
  formatShocks,
  IMPACT_MODELS,
  type NumberRule,
} from '../state/cascade.ts'
import { plain } from '../state/position.ts'
import { OwnPositions } from './own-positions.tsx'
import { Choice, NumberField, Toggle } from './position-form.tsx'

/** Changes some words; `done` when the hand lets go. */
export type CascadeChange = (patch: Partial<CascadeWords>, done: boolean) => void

type FormProps = {
  readonly words: CascadeWords
  readonly input: CascadeInput
  readonly coins: readonly string[]
  readonly change: CascadeChange
  /** What a moved slider is told to have done. */
  readonly spoken: string
  readonly text: string
  readonly setText: (text: string) => void
  readonly refused: readonly string[]
}

const MARKET: readonly CascadeNumber[] = ['depth', 'kappa', 'close', 'fund', 'fee']
const CHANCE: readonly CascadeNumber[] = ['volatility', 'hours', 'permanent', 'halflife', 'paths']

/** All fields. */
export function CascadeForm(props: FormProps) {
  const set = (field: CascadeField) => (word: string, done: boolean) => props.change({ [field]: word, round: '' }, done)
  const number = (field: CascadeNumber) => {
    const rule: NumberRule = CASCADE_NUMBERS[field]
    return (
      <NumberField
        name={field}
        label={rule.label}
        unit={rule.unit}
        word={props.words[field]}
        complaint={props.input.complaints[field]}
        scale={rule.scale}
        hint={rule.hint}
        spoken={props.spoken}
        onWord={set(field)}
      />
    )
  }
  return (
    <form class="position-form" onSubmit={(event) => event.preventDefault()} aria-label="cascade">
      <div class="field-pair">
        <Toggle
          name="book"
          label="Book"
          value={props.words.book}
          options={['demo', 'own']}
          complaint={props.input.complaints.book}
          onWord={set('book')}
        />
        <Show when={props.words.book === 'demo'}>
          <NumberField
            name="seed"
            label="Seed"
            unit=""
            word={props.words.seed}
            complaint={props.input.complaints.seed}
            scale={undefined}
            onWord={set('seed')}
          />
        </Show>
      </div>
      <Show when={props.words.book === 'own'}>
        <OwnBook text={props.text} setText={props.setText} refused={props.refused} />
      </Show>
      <For each={props.coins}>{(coin) => <ShockField {...props} coin={coin} />}</For>
      <Choice
        name="impact"
        label="Impact of forced orders"
        value={props.words.impact}
        options={IMPACT_MODELS}
        complaint={props.input.complaints.impact}
        onWord={set('impact')}
      />
      {MARKET.map(number)}
      <details class="more-fields">
        <summary>Chance of the fan</summary>
        <div class="position-form">{CHANCE.map(number)}</div>
      </details>
    </form>
  )
}

/** The shock of one coin. */
function ShockField(props: FormProps & { readonly coin: string }) {
  const percent = () => (props.input.shocks.get(props.coin) ?? 0) * 100
  const move = (word: string, done: boolean) => {
    const number = Number(word.replace('−', '-'))
    if (word === '' || !(number > -100 && number <= 1_000)) return
    props.change({ shock: formatShocks(new Map(props.input.shocks).set(props.coin, number / 100)), round: '' }, done)
  }
  return (
    <NumberField
      name={`shock-${props.coin}`}
      label={`Shock ${props.coin}`}
      unit="%, from outside"
      word={plain(Number(percent().toPrecision(6)))}
      complaint={props.input.complaints.shock}
      scale={{ kind: 'linear', from: -60, to: 60, step: 0.1 }}
      spoken={props.spoken}
      onWord={move}
    />
  )
}

/** A list of one's own, with what was refused of it. */
function OwnBook(props: Pick<FormProps, 'text' | 'setText' | 'refused'>) {
  return (
    <OwnPositions text={props.text} setText={props.setText} rows={6}>
      <p class="field-says">
        Rows of CSV or JSON, or Hyperliquid’s clearinghouseState; loans as account, collateral, coins, debt, lt. It
        stays in this browser: nothing is sent, and a link does not carry it.
      </p>
      <Show when={props.refused.length > 0}>
        <ul class="notes" data-testid="refused">
          <For each={props.refused.slice(0, 6)}>{(sentence) => <li class="broken">{sentence}</li>}</For>
          <Show when={props.refused.length > 6}>
            <li class="broken">and {props.refused.length - 6} more</li>
          </Show>
        </ul>
      </Show>
    </OwnPositions>
  )
}
