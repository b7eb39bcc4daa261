/** Incidents: what happened, the model beside the record, and what other rules would have changed, computed in a worker of this browser. */
import { createEffect, createMemo, createSignal, For, on, onCleanup, Show } from 'solid-js'
import { type Incident, type IncidentRun, incidentOf } from '../../../lib/sim/index.ts'
import '../style/position.css'
import '../style/incidents.css'
import { createIncident, type IncidentState } from '../data/incidents.ts'
import { createDraft } from '../state/draft.ts'
import { type IncidentWords, incidentAddress, incidentCommand, incidentWords } from '../state/incidents.ts'
import { useTerminal } from '../ui/context.ts'
import { Copy } from '../ui/copy.tsx'
import { IncidentChart, IncidentSeriesTable } from '../ui/incident-chart.tsx'
import { Disputed, Facts } from '../ui/incident-facts.tsx'
import { chosenRules, IncidentFiles, IncidentForm } from '../ui/incident-form.tsx'
import { IncidentLibrary } from '../ui/incident-library.tsx'
import { FigureTable, RulesTable } from '../ui/incident-table.tsx'
import { Panel } from '../ui/widget.tsx'

/** The page. */
export function IncidentsPage() {
  const { view, go, announce, claim } = useTerminal()
  claim(['simulated'])
  onCleanup(() => claim(undefined))
  const { words, change } = createDraft<IncidentWords>(
    () => incidentWords(view().own),
    (next) => view().page === 'incidents' && go({ own: incidentAddress(next) }, 'replace'),
  )
  const incident = createMemo(() => incidentOf(words().id))
  const [files, setFiles] = createSignal<ReadonlyMap<string, string>>(new Map())
  createEffect(
    on(
      () => words().id,
      () => setFiles(new Map()),
      { defer: true },
    ),
  )
  const state = createIncident(words, files)
  createEffect(
    on(
      () => state().whole,
      (whole) => whole && announce(tally(state().run)),
      { defer: true },
    ),
  )
  return (
    <div class="incident-grid">
      <Panel title="Library" class="incident-side">
        <IncidentLibrary id={words().id} />
      </Panel>
      <div class="stack">
        <Show when={view().own['id'] !== undefined && view().own['id'] !== words().id}>
          <p class="warn" role="status" data-testid="unknown">
            The library has no incident “{view().own['id']}”; this is the one it opens with.
          </p>
        </Show>
        <Story incident={incident()} state={state()} words={words()} />
        <Panel
          title="Model against record"
          busy={state().state === 'running'}
          summary="Published figures beside what the mechanisms give under the rules of the date. The band is the tolerance, the dot the model; a figure that was fitted shows nothing."
        >
          <IncidentFiles incident={incident()} missing={state().run?.missing ?? []} give={setFiles} />
          <Shown state={state()}>{(run) => <FigureTable run={run} />}</Shown>
        </Panel>
        <Disputed incident={incident()} />
        <Panel
          title="What other rules would have changed"
          busy={!state().whole}
          summary="⊢ simulated. One thing changed at a time, everything else as on the date; the charts show the change over the record."
        >
          <IncidentForm incident={incident()} words={words()} problem={state().problem} change={change} />
          <Shown state={state()}>
            {(run) => (
              <RulesTable
                run={run}
                chosen={words().with === '' ? 'recorded' : (chosenRules(incident(), words().with)?.id ?? 'asked')}
              />
            )}
          </Shown>
        </Panel>
        <Charts state={state()} />
        <Facts incident={incident()} />
      </div>
    </div>
  )
}

/** What is there to show: the last run of this incident, marked while a newer one is under way. */
function Shown(props: { readonly state: IncidentState; readonly children: (run: IncidentRun) => unknown }) {
  return (
    <Show
      when={props.state.run}
      keyed
      fallback={
        <div class="skeleton" style={{ height: '160px' }}>
          <span class="visually-hidden">computing</span>
        </div>
      }
    >
      {(run) => <div classList={{ stale: props.state.old }}>{props.children(run) as never}</div>}
    </Show>
  )
}

function Story(props: { readonly incident: Incident; readonly state: IncidentState; readonly words: IncidentWords }) {
  const command = () => incidentCommand(props.words)
  const span = () => (props.incident.until ? `${props.incident.day} to ${props.incident.until}` : props.incident.day)
  return (
    <Panel title={props.incident.title} class="answer" busy={props.state.state === 'running'}>
      <p class="label">
        {props.incident.kind === 'benchmark' ? 'benchmark: a published result given again' : `${span()} UTC`}{' '}
        <span class="tag warn">SIM</span>
      </p>
      <ol class="incident-story" data-testid="story">
        <For each={props.incident.story}>{(line) => <li>{line}</li>}</For>
      </ol>
      <p class="truth" data-testid="tally" data-state={props.state.whole ? 'whole' : props.state.state}>
        {tally(props.state.run)}
        <Show when={!props.state.whole}>
          {' '}
          <progress max="1" value={props.state.part} aria-label="rules computed" />
        </Show>
      </p>
      <p class="command-line truth">
        <code data-testid="command">{command()}</code>
        <Copy text={command} label="copy" />
        <Copy text={() => location.href} label="copy address" />
      </p>
    </Panel>
  )
}

/** How many figures are met, and how many of those say nothing. */
function tally(run: IncidentRun | undefined): string {
  if (!run) return 'computing …'
  const count = (verdict: string) => run.figures.filter((row) => row.verdict === verdict).length
  const fitted = run.figures.filter((row) => row.fitted !== undefined).length
  const needs = count('needs-data')
  return [
    `${count('met')} of ${run.figures.length} figures met`,
    ...(count('missed') > 0 ? [`${count('missed')} missed`] : []),
    ...(needs > 0 ? [`${needs} need data`] : []),
    ...(fitted > 0 ? [`${fitted} fitted`] : []),
  ].join(', ')
}

function Charts(props: { readonly state: IncidentState }) {
  const { view } = useTerminal()
  return (
    <div class="columns">
      <For each={props.state.run?.series ?? []}>
        {(series) => {
          const asked = () => props.state.run?.askedSeries?.find(({ id }) => id === series.id)
          return (
            <Panel title={series.title} chart={series.id}>
              <Show
                when={view().table.includes(series.id)}
                fallback={<IncidentChart series={series} asked={asked()} />}
              >
                <IncidentSeriesTable series={series} asked={asked()} />
              </Show>
            </Panel>
          )
        }}
      </For>
    </div>
  )
}
