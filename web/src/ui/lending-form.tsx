/** The controls of the page of loans: which shock, how far, which loans; complaints beside them. */
import { createUniqueId, For, Show } from 'solid-js'
import { type LendingShock, parseShock, shockSentence, shockText } from '../../../lib/analytics/index.ts'
import {
  asKind,
  DROP,
  dropOf,
  type LendingWords,
  readShock,
  SHOCK_KINDS,
  type ShockChoices,
  subjectOf,
  withDrop,
} from '../state/lending.ts'

/** Changes some words; `done` when the hand lets go. */
export type LendingChange = (patch: Partial<LendingWords>, done: boolean) => void

type FormProps = {
  readonly words: LendingWords
  readonly choices: ShockChoices
  readonly protocols: readonly string[]
  readonly change: LendingChange
  /** What a moved slider did, for those who do not see the chart. */
  readonly spoken: string
}

/** The shock: its kind, its subject, its size. */
export function ShockForm(props: FormProps) {
  const read = () => readShock(props.words.shock)
  // A word that means nothing leaves the controls where the default stands; the complaint says what is wrong.
  const shock = (): LendingShock => {
    const found = read()
    return 'shock' in found ? found.shock : parseShock('market:ETH=-20%')
  }
  const problem = () => {
    const found = read()
    return 'problem' in found ? found.problem : undefined
  }
  return (
    <form class="position-form" onSubmit={(event) => event.preventDefault()} aria-label="shock">
      <Kinds shock={shock()} choices={props.choices} change={props.change} />
      <Subject shock={shock()} choices={props.choices} change={props.change} />
      <Drop shock={shock()} change={props.change} spoken={props.spoken} />
      <Show when={problem()}>
        <p class="field-says broken" role="alert" data-testid="shock-problem">
          {problem()}
        </p>
      </Show>
      <Protocols {...props} />
    </form>
  )
}

type ShockProps = {
  readonly shock: LendingShock
  readonly choices: ShockChoices
  readonly change: LendingChange
}

function Kinds(props: ShockProps) {
  const id = createUniqueId()
  return (
    <div class="field short-field">
      <span class="field-name" id={id}>
        What falls
      </span>
      <fieldset class="switch kinds" aria-labelledby={id}>
        <For each={SHOCK_KINDS}>
          {([kind, label]) => (
            <button
              type="button"
              data-kind={kind}
              aria-pressed={props.shock.kind === kind}
              title={sentenceOf(asKind(props.shock, kind, props.choices))}
              onClick={() => props.change({ shock: asKind(props.shock, kind, props.choices), compare: '' }, true)}
            >
              {label}
            </button>
          )}
        </For>
      </fieldset>
    </div>
  )
}

function sentenceOf(text: string): string {
  const read = readShock(text)
  return 'shock' in read ? shockSentence(read.shock) : ''
}

function Subject(props: ShockProps) {
  const id = createUniqueId()
  const options = () =>
    props.shock.kind === 'depeg'
      ? props.choices.pairs
      : props.shock.kind === 'feed'
        ? props.choices.feeds
        : props.choices.assets
  const now = () => subjectOf(props.shock)
  const choose = (subject: string) => {
    const move = shockText(props.shock).replace(/^.*=/, '')
    props.change({ shock: `${props.shock.kind}:${subject}=${move}`, compare: '' }, true)
  }
  return (
    <div class="field">
      <label for={id}>{{ depeg: 'Pair', feed: 'Feed', market: 'Asset', only: 'Asset' }[props.shock.kind]}</label>
      <select id={id} name="subject" onChange={(event) => choose(event.currentTarget.value)}>
        <Show when={!options().includes(now())}>
          <option value={now()} selected>
            {now()}
          </option>
        </Show>
        <For each={options()}>
          {(option) => (
            <option value={option} selected={option === now()}>
              {option}
            </option>
          )}
        </For>
      </select>
    </div>
  )
}

function Drop(props: { shock: LendingShock; change: LendingChange; spoken: string }) {
  const id = createUniqueId()
  const drop = () => dropOf(props.shock)
  const set = (value: number, done: boolean) => {
    if (Number.isFinite(value)) props.change({ shock: withDrop(props.shock, value) }, done)
  }
  return (
    <div class="field">
      <label for={id}>
        Falls by <span class="label">%</span>
      </label>
      <input
        id={id}
        type="text"
        inputmode="decimal"
        autocomplete="off"
        name="drop"
        value={drop()}
        onChange={(event) => set(Number(event.currentTarget.value.replace(/[−-]/, '')), true)}
      />
      <input
        type="range"
        min={DROP.least}
        max={DROP.most}
        step={DROP.step}
        data-slider="drop"
        aria-label="Falls by, slider"
        aria-valuetext={`${drop()} %, ${props.spoken}`}
        value={drop()}
        onInput={(event) => set(event.currentTarget.valueAsNumber, false)}
        onChange={(event) => set(event.currentTarget.valueAsNumber, true)}
      />
    </div>
  )
}

function Protocols(props: FormProps) {
  const id = createUniqueId()
  return (
    <Show when={props.protocols.length > 1 || props.words.protocol !== ''}>
      <div class="field">
        <label for={id}>Protocol</label>
        <select
          id={id}
          name="protocol"
          onChange={(event) => props.change({ protocol: event.currentTarget.value, rows: '1' }, true)}
        >
          <option value="" selected={props.words.protocol === ''}>
            all
          </option>
          <For each={[...new Set([...props.protocols, ...(props.words.protocol ? [props.words.protocol] : [])])]}>
            {(protocol) => (
              <option value={protocol} selected={protocol === props.words.protocol}>
                {protocol}
              </option>
            )}
          </For>
        </select>
      </div>
    </Show>
  )
}
