/** The fields of a position: each a word that can be typed, those that are numbers with a slider, complaints beside them. */
import { createMemo, createUniqueId, For, type JSX, Show } from 'solid-js'
import {
  type Complaints,
  type Field,
  lastPlace,
  type PositionWords,
  placeOf,
  plain,
  type Scale,
  wordAt,
} from '../state/position.ts'

/** What the fields need to know beside the words. */
export type FormFacts = {
  readonly venues: readonly { readonly id: string; readonly name: string }[]
  readonly symbols: readonly string[]
  readonly modes: readonly string[]
  /** What `size` counts: the coin, or the quote currency of an inverse contract. */
  readonly sizeUnit: string
  readonly quote: string
  readonly settle: string
  readonly maxLeverage: number
  readonly intervalHours: number
  readonly notional: number
}

/** Changes some words; `done` when the hand lets go: then the address follows at once. */
export type Change = (patch: Partial<PositionWords>, done: boolean) => void

type FormProps = {
  readonly words: PositionWords
  readonly complaints: Complaints
  readonly facts: FormFacts
  readonly change: Change
  /** What a moved slider is told to have done, for those who do not see the chart. */
  readonly spoken: string
}

/** All fields. */
export function PositionForm(props: FormProps) {
  const set = (field: Field) => (word: string, done: boolean) => props.change({ [field]: word }, done)
  const number = (field: Field, label: string, unit: () => string, scale: () => Scale, hint?: () => JSX.Element) => (
    <NumberField
      name={field}
      label={label}
      unit={unit()}
      word={props.words[field]}
      complaint={props.complaints[field]}
      scale={scale()}
      hint={hint?.()}
      spoken={props.spoken}
      onWord={set(field)}
    />
  )
  const entry = createMiddle(() => Number(props.words.entry), 3)
  const size = createMiddle(() => Number(props.words.size), 100)
  const most = createMemo(() => roundUp(props.facts.notional / 2 || 1))
  return (
    <form class="position-form" onSubmit={(event) => event.preventDefault()} aria-label="position">
      <Words words={props.words} complaints={props.complaints} facts={props.facts} set={set} />
      {number(
        'size',
        'Size',
        () => props.facts.sizeUnit,
        () => ({ kind: 'log', from: size() / 100, to: size() * 100, digits: 3 }),
      )}
      {number(
        'entry',
        'Entry price',
        () => props.facts.quote,
        () => ({ kind: 'log', from: entry() / 3, to: entry() * 3, digits: 4 }),
      )}
      {number(
        'leverage',
        'Leverage',
        () => '×',
        () => ({ kind: 'linear', from: 1, to: Math.max(2, props.facts.maxLeverage), step: 1 }),
        () => (
          <>at most {plain(props.facts.maxLeverage)}× at this size</>
        ),
      )}
      {number(
        'extra',
        props.words.mode === 'cross' ? 'Rest of the wallet' : 'Margin added',
        () => props.facts.settle,
        () => ({ kind: 'linear', from: 0, to: most(), step: most() / 200 }),
      )}
      {number(
        'funding',
        'Funding rate',
        () => `% per ${props.facts.intervalHours} h`,
        () => ({ kind: 'linear', from: -0.1, to: 0.1, step: 0.001 }),
      )}
      {number(
        'days',
        'Days held',
        () => 'd',
        () => ({ kind: 'linear', from: 0, to: 90, step: 1 }),
      )}
      <Mark words={props.words} complaints={props.complaints} facts={props.facts} set={set} />
    </form>
  )
}

type WordsProps = Pick<FormProps, 'words' | 'complaints' | 'facts'> & {
  readonly set: (field: Field) => (word: string, done: boolean) => void
}

/** Venue, symbol, side and mode. */
function Words(props: WordsProps) {
  return (
    <>
      <div class="field-pair">
        <Choice
          name="venue"
          label="Venue"
          value={props.words.venue}
          options={props.facts.venues.map(({ id, name }) => [id, name])}
          complaint={props.complaints.venue}
          onWord={props.set('venue')}
        />
        <Typed
          name="symbol"
          label="Symbol"
          value={props.words.symbol}
          options={props.facts.symbols}
          complaint={props.complaints.symbol}
          onWord={props.set('symbol')}
        />
      </div>
      <div class="field-pair">
        <Toggle
          name="side"
          label="Side"
          value={props.words.side}
          options={['long', 'short']}
          complaint={props.complaints.side}
          onWord={props.set('side')}
        />
        <Toggle
          name="mode"
          label="Margin mode"
          value={props.words.mode}
          options={props.facts.modes}
          complaint={props.complaints.mode}
          onWord={props.set('mode')}
        />
      </div>
    </>
  )
}

/** The mark price, which is the entry price while it is left out. */
function Mark(props: WordsProps) {
  return (
    <NumberField
      name="mark"
      label="Mark price now"
      unit={props.facts.quote}
      word={props.words.mark}
      complaint={props.complaints.mark}
      placeholder={props.words.entry}
      scale={undefined}
      hint="empty: the entry price"
      onWord={props.set('mark')}
    />
  )
}

/** The middle of a slider's range: stays where it is while the value is inside, so that the slider does not slip under the hand. */
function createMiddle(value: () => number, factor: number): () => number {
  return createMemo<number>((last) => {
    const now = value()
    if (!(now > 0) || !Number.isFinite(now)) return last ?? 1
    return last !== undefined && now >= last / factor / 1.001 && now <= last * factor * 1.001 ? last : now
  })
}

/** The next 1, 2 or 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return Number(([1, 2, 5, 10].find((part) => part * power >= value * 0.999) ?? 10) * power)
}

/** Takes a word; `done` when the hand lets go. */
export type OnWord = (word: string, done: boolean) => void

type NumberFieldProps = {
  readonly name: string
  readonly label: string
  readonly unit: string
  readonly word: string
  readonly complaint: string | undefined
  readonly scale: Scale | undefined
  readonly hint?: JSX.Element
  readonly placeholder?: string
  readonly spoken?: string
  readonly onWord: OnWord
}

/** A number: typed, and with a slider where it has a scale. */
export function NumberField(props: NumberFieldProps) {
  const id = createUniqueId()
  return (
    <div class="field" classList={{ wrong: props.complaint !== undefined }}>
      <label for={id}>
        {props.label} <span class="label">{props.unit}</span>
      </label>
      <input
        id={id}
        type="text"
        inputmode="decimal"
        autocomplete="off"
        spellcheck={false}
        name={props.name}
        value={props.word}
        placeholder={props.placeholder ?? ''}
        aria-invalid={props.complaint !== undefined}
        aria-describedby={`${id}-says`}
        onInput={(event) => props.onWord(event.currentTarget.value.trim(), false)}
        onChange={(event) => props.onWord(event.currentTarget.value.trim(), true)}
      />
      <Show when={props.scale}>
        {(scale) => (
          <input
            type="range"
            min="0"
            max={lastPlace(scale())}
            step="1"
            data-slider={props.name}
            aria-label={`${props.label}, slider`}
            aria-valuetext={`${props.word} ${props.unit}${props.spoken ? `, ${props.spoken}` : ''}`}
            value={placeOf(scale(), Number(props.word))}
            onInput={(event) => props.onWord(wordAt(scale(), event.currentTarget.valueAsNumber), false)}
            onChange={(event) => props.onWord(wordAt(scale(), event.currentTarget.valueAsNumber), true)}
          />
        )}
      </Show>
      <Says id={`${id}-says`} complaint={props.complaint} hint={props.hint} />
    </div>
  )
}

function Says(props: { id: string; complaint: string | undefined; hint?: JSX.Element }) {
  return (
    <p id={props.id} class="field-says" classList={{ broken: props.complaint !== undefined }} aria-live="polite">
      {props.complaint ?? props.hint}
    </p>
  )
}

type ChoiceProps = {
  readonly name: string
  readonly label: string
  readonly value: string
  readonly options: readonly (readonly [string, string])[]
  readonly complaint: string | undefined
  readonly onWord: OnWord
}

/** One of a list. */
export function Choice(props: ChoiceProps) {
  const id = createUniqueId()
  const known = () => props.options.some(([value]) => value === props.value)
  return (
    <div class="field short-field" classList={{ wrong: props.complaint !== undefined }}>
      <label for={id}>{props.label}</label>
      <select
        id={id}
        name={props.name}
        aria-describedby={`${id}-says`}
        aria-invalid={props.complaint !== undefined}
        onChange={(event) => props.onWord(event.currentTarget.value, true)}
      >
        <Show when={!known()}>
          <option value={props.value} selected>
            {props.value}
          </option>
        </Show>
        <For each={props.options}>
          {([value, words]) => (
            <option value={value} selected={value === props.value}>
              {words}
            </option>
          )}
        </For>
      </select>
      <Says id={`${id}-says`} complaint={props.complaint} />
    </div>
  )
}

type TypedProps = {
  readonly name: string
  readonly label: string
  readonly value: string
  readonly options: readonly string[]
  readonly complaint: string | undefined
  readonly onWord: OnWord
}

function Typed(props: TypedProps) {
  const id = createUniqueId()
  return (
    <div class="field short-field" classList={{ wrong: props.complaint !== undefined }}>
      <label for={id}>{props.label}</label>
      <input
        id={id}
        type="text"
        name={props.name}
        list={`${id}-list`}
        autocomplete="off"
        spellcheck={false}
        value={props.value}
        aria-invalid={props.complaint !== undefined}
        aria-describedby={`${id}-says`}
        onChange={(event) => props.onWord(event.currentTarget.value.trim(), true)}
      />
      <datalist id={`${id}-list`}>
        <For each={props.options}>{(option) => <option value={option} />}</For>
      </datalist>
      <Says id={`${id}-says`} complaint={props.complaint} />
    </div>
  )
}

type ToggleProps = Omit<TypedProps, 'options'> & { readonly options: readonly string[] }

/** One of a few. */
export function Toggle(props: ToggleProps) {
  const id = createUniqueId()
  return (
    <div class="field short-field" classList={{ wrong: props.complaint !== undefined }}>
      <span class="field-name" id={id}>
        {props.label}
      </span>
      <fieldset class="switch" aria-labelledby={id} aria-describedby={`${id}-says`}>
        <For each={props.options}>
          {(option) => (
            <button
              type="button"
              data-word={option}
              aria-pressed={props.value === option}
              onClick={() => props.onWord(option, true)}
            >
              {option}
            </button>
          )}
        </For>
      </fieldset>
      <Says id={`${id}-says`} complaint={props.complaint} />
    </div>
  )
}
