/** The fields of the arena: the crash, who is compared, the book and market they share, and what fails. */
import { For, Show } from 'solid-js'
import { ARENA_FAILURES, ROOM_KINDS } from '../../../lib/sim/index.ts'
import {
  type ArenaField,
  type ArenaPageWords,
  crashParts,
  crashWord,
  failureIn,
  kindsIn,
  SHAPES,
  toggledKind,
  withFailure,
} from '../state/arena.ts'
import { EXACTNESS } from './arena-words.ts'
import { Choice, NumberField } from './position-form.tsx'

type FormProps = {
  readonly words: ArenaPageWords
  readonly problems: readonly string[]
  readonly change: (patch: Partial<ArenaPageWords>, done: boolean) => void
}

const BOOK: readonly (readonly [ArenaField, string, string])[] = [
  ['accounts', 'Borrowers', ''],
  ['normalise', 'Debt of all', '$'],
  ['ltv', 'Debt per collateral', ''],
  ['seed', 'Seed', ''],
]
const MARKET: readonly (readonly [ArenaField, string, string])[] = [
  ['depth', 'Sales for 1 %', '$'],
  ['liquidators', 'Liquidators', ''],
  ['gas', 'Gas', 'gwei'],
  ['price', 'Opening price', '$'],
]
const VALUES = { duration: ['10m', '1h', '2h'], gwei: ['200', '500', '2000'] } as const

/** All fields. */
export function ArenaForm(props: FormProps) {
  const crash = () => crashParts(props.words.crash)
  const setCrash = (patch: Partial<ReturnType<typeof crash>>, done: boolean) =>
    props.change({ crash: crashWord({ ...crash(), ...patch }) }, done)
  const field = ([name, label, unit]: readonly [ArenaField, string, string]) => (
    <NumberField
      name={name}
      label={label}
      unit={unit}
      word={props.words[name]}
      complaint={props.problems.find((one) => one.startsWith(`${name} is`))}
      scale={undefined}
      onWord={(word, done) => props.change({ [name]: word }, done)}
    />
  )
  return (
    <form class="position-form" onSubmit={(event) => event.preventDefault()} aria-label="arena">
      <Choice
        name="shape"
        label="Crash"
        value={crash().shape}
        options={SHAPES}
        complaint={props.problems.find((one) => one.startsWith('the crash'))}
        onWord={(shape) => setCrash({ shape }, true)}
      />
      <NumberField
        name="fall"
        label="Fall"
        unit="%"
        word={crash().fall}
        complaint={undefined}
        scale={{ kind: 'linear', from: 5, to: 80, step: 1 }}
        onWord={(fall, done) => setCrash({ fall }, done)}
      />
      <NumberField
        name="time"
        label="In all"
        unit="such as 6h, 90m, 2d"
        word={crash().time}
        complaint={undefined}
        scale={undefined}
        onWord={(time, done) => setCrash({ time }, done)}
      />
      <Kinds {...props} />
      <Switches {...props} />
      <details class="more-fields">
        <summary>Book and market</summary>
        <div class="position-form">
          {BOOK.map(field)}
          {MARKET.map(field)}
        </div>
      </details>
      <Show when={props.problems.length > 0}>
        <ul class="notes" role="alert" data-testid="problems">
          <For each={props.problems}>{(problem) => <li class="broken">{problem}</li>}</For>
        </ul>
      </Show>
    </form>
  )
}

/** What fails in this run. */
function Switches(props: FormProps) {
  return (
    <fieldset class="arena-set">
      <legend>What fails</legend>
      <div class="arena-switches">
        <For each={Object.entries(ARENA_FAILURES)}>
          {([kind, { value, says }]) => (
            <div title={says}>
              <Choice
                name={`failure-${kind}`}
                label={kind}
                value={failureIn(props.words.failure, kind)}
                options={[
                  ['', 'off'],
                  ...VALUES[value].map((one) => [one, value === 'gwei' ? `${one} gwei` : one] as const),
                ]}
                complaint={undefined}
                onWord={(word) => props.change({ failure: withFailure(props.words.failure, kind, word) }, true)}
              />
            </div>
          )}
        </For>
      </div>
      <p class="field-says">From when half of the fall has happened; the address takes @1h for another time.</p>
    </fieldset>
  )
}

/** Whom to compare, by kind and, typed, with parameters. */
function Kinds(props: FormProps) {
  const chosen = () => kindsIn(props.words.mechanisms)
  return (
    <fieldset class="arena-set">
      <legend>Mechanisms</legend>
      <div class="arena-kinds">
        <For each={[...ROOM_KINDS.values()]}>
          {(kind) => (
            <label title={`${kind.title} (${EXACTNESS[kind.exactness][0]})`}>
              <input
                type="checkbox"
                name={`kind-${kind.id}`}
                checked={chosen().has(kind.id)}
                onChange={() => props.change({ mechanisms: toggledKind(props.words.mechanisms, kind.id) }, true)}
              />
              {kind.id}
            </label>
          )}
        </For>
      </div>
      <label class="arena-typed">
        <span class="field-says">with parameters: llamma:bands=20:fee=0.01</span>
        <textarea
          name="mechanisms"
          rows="3"
          spellcheck={false}
          value={props.words.mechanisms}
          onChange={(event) =>
            props.change({ mechanisms: event.currentTarget.value.replaceAll(/\s+/g, '') || 'aave-v3' }, true)
          }
        />
      </label>
    </fieldset>
  )
}
