/** One mechanism at work: its state in words, the slider, its figures and charts, its rules with their sources, and the code that reproduces it. */
import { createMemo, For, Index, Match, Show, Switch } from 'solid-js'
import type {
  BandsChart as BandsData,
  BarsChart as BarsData,
  Chart,
  Figures,
  LinesChart as LinesData,
  MechanismPanel,
} from '../../data/mechanisms/panel.ts'
import { createDraft } from '../../state/draft.ts'
import {
  type MechanismInput,
  type MechanismTab,
  type MechanismWords,
  type NumberField,
  readMechanism,
  writeMechanism,
} from '../../state/mechanisms.ts'
import { plain } from '../../state/position.ts'
import { EXACTNESS } from '../arena-words.ts'
import { useTerminal } from '../context.ts'
import { Copy } from '../copy.tsx'
import { Panel } from '../widget.tsx'
import { BandsChart } from './bands-chart.tsx'
import { BarsChart } from './bars-chart.tsx'
import { ChartTable } from './chart-table.tsx'
import { type ChangeWords, Fields, NumberOne } from './fields.tsx'
import { LinesChart } from './lines-chart.tsx'

type Props = { readonly tab: MechanismTab; readonly panel: MechanismPanel }

/** The words of the address, and what the rules say to them. */
function createWork(props: Props) {
  const { view, go } = useTerminal()
  const { tab, panel } = props
  const { words, change } = createDraft<MechanismWords>(
    () => view().own,
    (own) => view().page === 'mechanisms' && go({ own: writeMechanism(tab, panel.fields, own) }, 'replace'),
  )
  const input = createMemo(() => readMechanism(panel.fields, words()))
  const answer = createMemo(() => panel.figures(input()))
  // What the rules refuse leaves the last figures on the page, marked as such.
  const figures = createMemo<Figures | undefined>((last) => {
    const told = answer()
    return 'refused' in told ? last : told
  })
  const complaints = createMemo((): MechanismWords => {
    const told = answer()
    return { ...('refused' in told ? { [told.field]: told.refused } : {}), ...input().complaints }
  })
  return { words, change, input, figures, complaints, stale: () => Object.keys(complaints()).length > 0 }
}

/** A tab's content. Keyed by its tab: it lives as long as the tab is open. */
export function Workbench(props: Props) {
  const { words, change, input, figures, complaints, stale } = createWork(props)
  const slider = () => props.panel.fields.find(({ key }) => key === props.panel.slider) as NumberField
  const rest = () => props.panel.fields.filter(({ key }) => key !== props.panel.slider)
  const spoken = () => figures()?.state.name ?? ''
  const shared = { words, input, complaints, change }
  return (
    <div class="mech-grid">
      <Inputs {...shared} fields={rest()} spoken={spoken()} />
      <div class="stack">
        <Panel title={props.panel.title} class="mech-answer" tools={<ExactTag panel={props.panel} />}>
          <p class="mech-summary">{props.panel.summary}</p>
          <div class="mech-slider">
            <NumberOne
              field={slider()}
              words={words()}
              input={input()}
              complaints={complaints()}
              change={change}
              spoken={spoken()}
            />
          </div>
          <Show when={stale()}>
            <p class="stale-note" role="status">
              {Object.values(complaints()).join(' ')}{' '}
              {figures() ? 'Below: the figures of the last input that was right.' : 'There are no figures for that.'}
            </p>
          </Show>
          <Show when={figures()}>{(found) => <State figures={found()} stale={stale()} />}</Show>
        </Panel>
        <Show when={figures()}>
          {(found) => (
            <>
              <Charts figures={found()} input={input()} change={change} stale={stale()} />
              <Rules panel={props.panel} figures={found()} />
            </>
          )}
        </Show>
      </div>
    </div>
  )
}

type InputsProps = {
  readonly fields: MechanismPanel['fields']
  readonly words: () => MechanismWords
  readonly input: () => MechanismInput
  readonly complaints: () => MechanismWords
  readonly change: ChangeWords
  readonly spoken: string
}

/** The other fields: open beside the charts, folded above them on a narrow page. */
function Inputs(props: InputsProps) {
  const wide = matchMedia('(min-width: 1001px)').matches
  return (
    <section class="panel mech-inputs" aria-label="inputs">
      <details open={wide}>
        <summary>Inputs</summary>
        <form class="position-form" aria-label="inputs of the mechanism" onSubmit={(event) => event.preventDefault()}>
          <Fields
            fields={props.fields}
            words={props.words()}
            input={props.input()}
            complaints={props.complaints()}
            change={props.change}
            spoken={props.spoken}
          />
        </form>
      </details>
    </section>
  )
}

function ExactTag(props: { panel: MechanismPanel }) {
  return (
    <>
      <span class="tag" title={props.panel.exact.says} data-testid="exact">
        {EXACTNESS[props.panel.exact.kind][0]}
      </span>
      <span class="tag" title="worked out in this browser from the inputs; nothing here was observed">
        ⊢ computed
      </span>
    </>
  )
}

/** The named state, the two conditions, and the figures. */
function State(props: { figures: Figures; stale: boolean }) {
  return (
    <div classList={{ stale: props.stale }}>
      <p class="mech-state">
        <strong class={`state-name ${props.figures.state.kind}`} data-testid="state">
          {props.figures.state.name}
        </strong>{' '}
        {props.figures.state.says}
      </p>
      <ul class="conditions">
        <Index each={props.figures.conditions}>
          {(condition) => (
            <li>
              <strong>{condition().name}</strong>: <em>{condition().holds ? 'yes' : 'no'}</em>, {condition().says}
            </li>
          )}
        </Index>
      </ul>
      <dl class="headline">
        <Index each={props.figures.facts}>
          {(fact) => (
            <div classList={{ 'big-fact': fact().big ?? false }}>
              <dt>{fact().label}</dt>
              <dd data-testid={`fact-${fact().id}`}>
                {fact().value} <span class="label">{fact().note}</span>
              </dd>
            </div>
          )}
        </Index>
      </dl>
    </div>
  )
}

type ChartsProps = {
  readonly figures: Figures
  readonly input: MechanismInput
  readonly change: ChangeWords
  readonly stale: boolean
}

/** The charts; the first one has the whole width. */
function Charts(props: ChartsProps) {
  const { view } = useTerminal()
  const asTable = (id: string) => view().table.includes(id)
  return (
    <div class="mech-charts" classList={{ stale: props.stale }}>
      <Index each={props.figures.charts}>
        {(chart) => (
          <Panel title={chart().title} chart={chart().id} summary={chart().summary}>
            <Show when={asTable(chart().id)} fallback={<Drawn chart={chart()} change={props.change} />}>
              <ChartTable chart={chart()} />
            </Show>
          </Panel>
        )}
      </Index>
    </div>
  )
}

function Drawn(props: { chart: Chart; change: ChangeWords }) {
  const as = (kind: Chart['kind']) => (props.chart.kind === kind ? props.chart : undefined)
  const drag = (price: number, done: boolean) =>
    props.change({ [(props.chart as BandsData).drags]: plain(Number(price.toPrecision(5))) }, done)
  return (
    <Switch>
      <Match when={as('lines')}>{(chart) => <LinesChart chart={chart() as LinesData} />}</Match>
      <Match when={as('bars')}>{(chart) => <BarsChart chart={chart() as BarsData} />}</Match>
      <Match when={as('bands')}>{(chart) => <BandsChart chart={chart() as BandsData} drag={drag} />}</Match>
    </Switch>
  )
}

/** Formulas in words with their sources, how exact it is, and the code. */
function Rules(props: { panel: MechanismPanel; figures: Figures }) {
  return (
    <Panel title="Rules, sources, and the same in code">
      <ul class="notes">
        <For each={props.panel.formulas}>
          {(formula) => (
            <li>
              {formula.says}{' '}
              <a href={formula.url} target="_blank" rel="noreferrer">
                {formula.source}
              </a>
            </li>
          )}
        </For>
        <li>
          Exactness: {EXACTNESS[props.panel.exact.kind][0]}; {props.panel.exact.says}.
        </li>
        <For each={props.figures.notes}>{(note) => <li>{note}</li>}</For>
      </ul>
      <details class="mech-code">
        <summary>Reproduce with the library</summary>
        <pre class="raw">
          <code data-testid="code">{props.figures.code}</code>
        </pre>
      </details>
      <p class="command-line">
        <Copy text={() => props.figures.code} label="copy code" />
        <Copy text={() => location.href} label="copy address" />
      </p>
    </Panel>
  )
}
