/** Change one thing: the library's own changes of rules as buttons, every setting as a field, and data files of the reader's own. */
import { createSignal, createUniqueId, For, Show } from 'solid-js'
import type { Counterfactual, Incident, IncidentSetting } from '../../../lib/sim/index.ts'
import { changesOf, changesWord, type IncidentWords } from '../state/incidents.ts'

type Props = {
  readonly incident: Incident
  readonly words: IncidentWords
  readonly problem: string | undefined
  readonly change: (patch: Partial<IncidentWords>, done: boolean) => void
}

/** The counterfactual that the words say, if they are one. */
export function chosenRules(incident: Incident, words: string): Counterfactual | undefined {
  return incident.counterfactuals.find(({ change }) => changesWord(incident, change) === words)
}

/** The form. */
export function IncidentForm(props: Props) {
  const chosen = () => chosenRules(props.incident, props.words.with)?.id
  const asked = () => changesOf(props.words.with)
  const set = (name: string, value: string, done: boolean) =>
    props.change({ with: changesWord(props.incident, { ...asked(), [name]: value }) }, done)
  return (
    <>
      <fieldset class="incident-toggles">
        <legend>other rules</legend>
        <button
          type="button"
          class="tool"
          aria-pressed={props.words.with === ''}
          onClick={() => props.change({ with: '' }, true)}
        >
          rules of the date
        </button>
        <For each={props.incident.counterfactuals}>
          {(rules) => (
            <button
              type="button"
              class="tool"
              data-rules={rules.id}
              aria-pressed={chosen() === rules.id}
              onClick={() =>
                props.change({ with: chosen() === rules.id ? '' : changesWord(props.incident, rules.change) }, true)
              }
            >
              {rules.says}
            </button>
          )}
        </For>
      </fieldset>
      <details class="incident-settings">
        <summary>every setting</summary>
        <div class="incident-fields">
          <For each={props.incident.settings}>
            {(setting) => <Field setting={setting} value={asked()[setting.name] ?? String(setting.value)} set={set} />}
          </For>
          <label class="incident-field">
            <span>seed</span>
            <input
              type="text"
              value={props.words.seed}
              onInput={(event) => props.change({ seed: event.currentTarget.value || '1' }, false)}
            />
          </label>
        </div>
      </details>
      <Show when={props.problem}>
        {(problem) => (
          <p class="broken" role="alert">
            {problem()}
          </p>
        )}
      </Show>
    </>
  )
}

function Field(props: {
  readonly setting: IncidentSetting
  readonly value: string
  readonly set: (name: string, value: string, done: boolean) => void
}) {
  const { setting } = props
  const id = createUniqueId()
  return (
    <div class="incident-field">
      <label for={id}>
        {setting.name} <span class="label">{setting.says}</span>
      </label>
      {'words' in setting ? (
        <select
          id={id}
          value={props.value}
          onChange={(event) => props.set(setting.name, event.currentTarget.value, true)}
        >
          <For each={setting.words}>{(word) => <option value={word}>{word}</option>}</For>
        </select>
      ) : (
        <input
          id={id}
          type="text"
          inputmode="decimal"
          data-setting={setting.name}
          value={props.value}
          onInput={(event) => props.set(setting.name, event.currentTarget.value, false)}
        />
      )}
    </div>
  )
}

/** Data files of an incident, read in this browser by their names. */
export function IncidentFiles(props: {
  readonly incident: Incident
  readonly missing: readonly string[]
  readonly give: (files: ReadonlyMap<string, string>) => void
}) {
  const [told, setTold] = createSignal('')
  const read = async (list: FileList | null) => {
    const found = new Map<string, string>()
    for (const file of list ?? []) {
      const name = props.incident.files.find((one) => one.split('/').at(-1) === file.name)
      if (name) found.set(name, await file.text())
    }
    setTold(`${found.size} of ${props.incident.files.length} files read`)
    props.give(found)
  }
  return (
    <Show when={props.incident.files.length > 0}>
      <div class="incident-files">
        <label>
          <span>
            Recorded data of this incident are not part of the program. Files that stay in this browser:{' '}
            <code>{props.incident.files.map((one) => one.split('/').at(-1)).join(', ')}</code>
          </span>{' '}
          <input type="file" multiple onChange={(event) => void read(event.currentTarget.files)} />
        </label>
        <span class="label" role="status">
          {told()}
        </span>
      </div>
    </Show>
  )
}
