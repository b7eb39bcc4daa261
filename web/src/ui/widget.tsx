/** One widget: its title, its one-sentence summary, and its five states; what goes wrong in it stays in it. */
import { type Accessor, createMemo, createUniqueId, ErrorBoundary, type JSX, Match, Show, Switch } from 'solid-js'
import type { Asked } from '../data/answer.ts'
import type { Failure } from '../data/api.ts'
import { useTerminal } from './context.ts'

type Common = {
  readonly title: JSX.Element
  readonly class?: string
  /** Keeps the place while there is nothing, CSS length. */
  readonly height?: string
  /** Beside the title. */
  readonly tools?: JSX.Element
}

/** A framed section. `chart` names it for its table twin. */
export function Panel(
  props: Common & { summary?: string | undefined; chart?: string | undefined; busy?: boolean; children: JSX.Element },
) {
  const { view, go } = useTerminal()
  const id = createUniqueId()
  const asTable = () => props.chart !== undefined && view().table.includes(props.chart)
  return (
    <section
      class={`panel ${props.class ?? ''}`}
      aria-labelledby={id}
      data-chart={props.chart}
      aria-busy={props.busy ?? false}
    >
      <header class="panel-head">
        <h2 id={id}>{props.title}</h2>
        <div class="tools">
          {props.tools}
          <Show when={props.chart}>
            {(chart) => (
              <button
                type="button"
                class="tool"
                aria-pressed={asTable()}
                title="table twin of this chart (x)"
                onClick={() => go({ table: toggled(view().table, chart()) }, 'replace')}
              >
                {asTable() ? '▤ chart' : '⊞ table'}
              </button>
            )}
          </Show>
        </div>
      </header>
      <Show when={props.summary}>
        <p class="summary">{props.summary}</p>
      </Show>
      <ErrorBoundary fallback={(error, reset) => <Broken error={error} again={reset} />}>
        {props.children}
      </ErrorBoundary>
    </section>
  )
}

/** The list without the name, or with it. */
export function toggled(list: readonly string[], name: string): readonly string[] {
  return list.includes(name) ? list.filter((other) => other !== name) : [...list, name]
}

/** A panel that stands on one answer. `empty` says what to show where the answer holds nothing. */
export function Widget<A>(
  props: Common & {
    asked: Asked<A>
    chart?: string
    summary?: (answer: A) => string | undefined
    empty?: (answer: A) => JSX.Element | undefined
    children: (answer: Accessor<A>) => JSX.Element
  },
) {
  const shown = () => props.asked.shown()
  const answer = () => shown().answer
  // What is on its way out may look once more: it sees the last answer.
  const kept = createMemo<A | undefined>((last) => answer() ?? last)
  const empty = () => {
    const present = answer()
    return present === undefined ? undefined : props.empty?.(present)
  }
  const summary = () => {
    const present = answer()
    return present === undefined || empty() !== undefined ? undefined : props.summary?.(present)
  }
  return (
    <Panel
      title={props.title}
      class={props.class ?? ''}
      tools={props.tools}
      chart={props.chart}
      summary={summary()}
      busy={shown().loading}
    >
      <Show when={shown().stale}>
        <p class="stale-note" role="status">
          stale: as of {new Date(shown().at).toISOString().slice(11, 19)}Z · {shown().failure?.detail}
        </p>
      </Show>
      <Switch>
        <Match when={empty()}>{(words) => <div class="empty">{words()}</div>}</Match>
        <Match when={answer() !== undefined}>
          <div classList={{ stale: shown().stale }}>{props.children(kept as Accessor<A>)}</div>
        </Match>
        <Match when={shown().failure}>{(failure) => <Failed failure={failure()} again={props.asked.again} />}</Match>
        <Match when={shown().loading}>
          <div class="skeleton" style={{ height: props.height ?? '96px' }}>
            <span class="visually-hidden">loading</span>
          </div>
        </Match>
      </Switch>
    </Panel>
  )
}

/** A failure: what is wrong, and what to do. */
export function Failed(props: { failure: Failure; again: () => void }) {
  return (
    <div class="failed" role="alert">
      <p>
        <strong>{props.failure.title}</strong>: {props.failure.detail}
      </p>
      <p>{props.failure.fix}</p>
      <button type="button" onClick={() => props.again()}>
        try again
      </button>
    </div>
  )
}

function Broken(props: { error: unknown; again: () => void }) {
  // A bug of ours: the rest of the page goes on, and the console has the whole of it.
  console.error(props.error)
  return (
    <div class="failed" role="alert">
      <p>
        <strong>this widget failed</strong>: {String(props.error)}
      </p>
      <button type="button" onClick={() => props.again()}>
        try again
      </button>
    </div>
  )
}
