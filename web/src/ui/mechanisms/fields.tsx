/** The fields of a mechanism's form, from their description; the slider of the page is one of them, shown beside the state. */
import { For, Match, Switch } from 'solid-js'
import type { MechanismField, MechanismInput, MechanismWords, NumberField as NumberOf } from '../../state/mechanisms.ts'
import { NumberField, Toggle } from '../position-form.tsx'

/** Changes some words; `done` when the hand lets go. */
export type ChangeWords = (patch: MechanismWords, done: boolean) => void

type Props = {
  readonly words: MechanismWords
  readonly input: MechanismInput
  readonly complaints: MechanismWords
  readonly change: ChangeWords
  /** What a moved slider is told to have done. */
  readonly spoken: string
}

/** All given fields in their order. */
export function Fields(props: Props & { fields: readonly MechanismField[] }) {
  return (
    <For each={props.fields}>
      {(field) => (
        <Switch>
          <Match when={field.kind === 'number' && field}>{(number) => <NumberOne {...props} field={number()} />}</Match>
          <Match when={field.kind === 'choice' && field}>
            {(choice) => (
              <>
                <Toggle
                  name={choice().key}
                  label={choice().label}
                  value={props.words[choice().key] ?? choice().initial}
                  options={choice().options}
                  complaint={props.complaints[choice().key]}
                  onWord={(word) => props.change({ [choice().key]: word }, true)}
                />
                <p class="field-says">{choice().hint}</p>
              </>
            )}
          </Match>
          <Match when={field.kind === 'pairs' && field}>
            {(pairs) => (
              <div class="pairs-field">
                <NumberField
                  name={pairs().key}
                  label={pairs().label}
                  unit=""
                  word={props.words[pairs().key] ?? pairs().initial}
                  complaint={props.complaints[pairs().key]}
                  scale={undefined}
                  hint={pairs().hint}
                  onWord={(word, done) => props.change({ [pairs().key]: word }, done)}
                />
              </div>
            )}
          </Match>
        </Switch>
      )}
    </For>
  )
}

/** One number with its slider. */
export function NumberOne(props: Props & { field: NumberOf }) {
  const scale = () => {
    const { scale: given } = props.field
    return typeof given === 'function' ? given(props.input.numbers) : given
  }
  return (
    <NumberField
      name={props.field.key}
      label={props.field.label}
      unit={props.field.unit}
      word={props.words[props.field.key] ?? props.field.initial}
      complaint={props.complaints[props.field.key]}
      scale={scale()}
      hint={props.field.hint}
      spoken={props.spoken}
      onWord={(word, done) => props.change({ [props.field.key]: word }, done)}
    />
  )
}
