/** What is known of an incident, by whom and how surely; what was fitted, and what the model leaves out. */
import { For, Show } from 'solid-js'
import { CERTAINTY_WORDS, type Certainty, figureText, type Incident } from '../../../lib/sim/index.ts'
import { Panel } from './widget.tsx'

function Sure(props: { readonly certainty: Certainty }) {
  return (
    <span class="tag" classList={{ warn: props.certainty === '?' || props.certainty === 'K' }}>
      {CERTAINTY_WORDS[props.certainty]}
    </span>
  )
}

/** Figures that were told in several ways, side by side. */
export function Disputed(props: { readonly incident: Incident }) {
  return (
    <Show when={props.incident.disputed.length > 0}>
      <Panel title="Told in several ways">
        <div class="incident-disputed" data-testid="disputed">
          <For each={props.incident.disputed}>
            {({ figure, told, says }) => (
              <div>
                <h3>{figure}</h3>
                <dl>
                  <For each={told}>
                    {({ value, by, certainty }) => (
                      <div>
                        <dt>{value}</dt>
                        <dd>
                          {by} <Sure certainty={certainty} />
                        </dd>
                      </div>
                    )}
                  </For>
                </dl>
                <Show when={says}>
                  <p class="label">{says}</p>
                </Show>
              </div>
            )}
          </For>
        </div>
      </Panel>
    </Show>
  )
}

/** State, path, rules, fitted parameters, limits, sources. */
export function Facts(props: { readonly incident: Incident }) {
  return (
    <>
      <Panel title="What is run">
        <dl class="incident-run">
          <Row title="state at the start" lines={props.incident.initial} />
          <Row title="path" lines={[props.incident.path]} />
          <Row title="rules of the date" lines={props.incident.rules} />
          <Row
            title="fitted"
            lines={props.incident.fitted.map(({ name, value, unit }) => `${name} = ${figureText(value, unit)}`)}
          />
          <Row title="not in the model" lines={props.incident.limits} />
        </dl>
      </Panel>
      <Panel title="Sources">
        <ul class="sources" data-testid="sources">
          <For each={props.incident.sources}>
            {({ what, url, asOf, certainty }) => (
              <li>
                <Show when={url} fallback={what}>
                  {(address) => (
                    <a href={address()} target="_blank" rel="noreferrer">
                      {what}
                    </a>
                  )}
                </Show>{' '}
                <span class="label">as of {asOf}</span> <Sure certainty={certainty} />
              </li>
            )}
          </For>
        </ul>
      </Panel>
    </>
  )
}

function Row(props: { readonly title: string; readonly lines: readonly string[] }) {
  return (
    <Show when={props.lines.length > 0}>
      <div>
        <dt>{props.title}</dt>
        <For each={props.lines}>{(line) => <dd>{line}</dd>}</For>
      </div>
    </Show>
  )
}
