/** The arena: one crash through several mechanisms side by side, computed in a worker of this browser. Nothing is asked of a server. */
import { createEffect, createMemo, For, on, onCleanup, Show } from 'solid-js'
import { type Arena, arenaCommand } from '../../../lib/sim/index.ts'
import '../style/position.css'
import '../style/arena.css'
import { type ArenaState, createArena } from '../data/arena.ts'
import { type ArenaPageWords, arenaAddress, arenaWords, questionWords, readArena } from '../state/arena.ts'
import { createDraft } from '../state/draft.ts'
import { ArenaForm } from '../ui/arena-form.tsx'
import { Multiples, MultiplesTable } from '../ui/arena-multiples.tsx'
import { ParetoChart, ParetoTable } from '../ui/arena-pareto.tsx'
import { ArenaParams, ArenaTable } from '../ui/arena-table.tsx'
import { useTerminal } from '../ui/context.ts'
import { Copy } from '../ui/copy.tsx'
import { Panel } from '../ui/widget.tsx'

/** The page. */
export function ArenaPage() {
  const { view, go, announce, claim } = useTerminal()
  claim(['simulated'])
  onCleanup(() => claim(undefined))
  const { words, change } = createDraft<ArenaPageWords>(
    () => arenaWords(view().own),
    (next) => view().page === 'arena' && go({ own: arenaAddress(next) }, 'replace'),
  )
  const read = createMemo(() => readArena(words()))
  const problems = () => {
    const now = read()
    return 'problems' in now ? now.problems : []
  }
  const { state, stop, again } = createArena(() => ('question' in read() ? questionWords(words()) : undefined))
  createEffect(
    on(
      () => state().arena?.verdict,
      (verdict) => verdict && announce(verdict),
      { defer: true },
    ),
  )
  return (
    <div class="position-grid arena-grid">
      <Panel title="Crash, mechanisms, switches">
        <ArenaForm words={words()} problems={problems()} change={change} />
      </Panel>
      <div class="stack">
        <Verdict
          state={state()}
          words={words()}
          columns={columnsIn(read())}
          problems={problems()}
          stop={stop}
          again={again}
        />
        <Show
          when={state().arena}
          fallback={<Waiting state={state()} columns={columnsIn(read())} words={words()} change={change} />}
        >
          {(found) => <Results arena={found()} old={state().old} words={words()} change={change} />}
        </Show>
      </div>
    </div>
  )
}

const columnsIn = (read: ReturnType<typeof readArena>) => ('question' in read ? read.question.columns.length : 0)

/** Until the whole is there: the columns that are finished, told as a part; nothing yet keeps its place. */
function Waiting(props: {
  readonly state: ArenaState
  readonly columns: number
  readonly words: ArenaPageWords
  readonly change: (patch: Partial<ArenaPageWords>, done: boolean) => void
}) {
  const stopped = () => props.state.state === 'stopped'
  // Words that mean nothing run nothing: there is nothing to wait for.
  return (
    <Show when={props.columns > 0}>
      <Panel title="Every measure, as far as it is computed" busy={props.state.state === 'running'}>
        <div class="arena-waiting">
          <Show
            when={props.state.rows.length > 0}
            fallback={
              <Show when={!stopped()} fallback={<p class="empty">Nothing was finished before it was stopped.</p>}>
                <div class="skeleton">
                  <span class="visually-hidden">computing</span>
                </div>
              </Show>
            }
          >
            <p class="warn" data-testid="partial">
              ⊢ partial: {props.state.rows.length} of {props.columns} mechanisms
              {stopped() ? ', then it was stopped; no verdict is drawn from a part' : ''}
            </p>
            <ArenaTable
              rows={props.state.rows}
              sort={props.words.sort}
              onSort={(sort) => props.change({ sort }, true)}
            />
          </Show>
        </div>
      </Panel>
    </Show>
  )
}

type VerdictProps = {
  readonly state: ArenaState
  readonly words: ArenaPageWords
  readonly columns: number
  readonly problems: readonly string[]
  readonly stop: () => void
  readonly again: () => void
}

/** What it says, how far it is, and how to get it again. */
function Verdict(props: VerdictProps) {
  const command = () => arenaCommand(questionWords(props.words))
  return (
    <Panel title="⊢ What this crash does to each" class="answer" busy={props.state.state === 'running'}>
      <Show when={props.state.arena}>
        {(arena) => (
          <p class="arena-verdict" classList={{ stale: props.state.old }} data-testid="verdict">
            <span class="tag warn">SIM</span> {arena().verdict}
          </p>
        )}
      </Show>
      <Show when={props.state.problem}>{(problem) => <p class="broken">{problem()}</p>}</Show>
      <Show when={props.problems.length > 0} fallback={<Progress {...props} />}>
        <p class="broken">
          Nothing is run: {props.problems.length === 1 ? 'a word means' : 'some words mean'} nothing.
        </p>
        <ul class="notes">
          <For each={props.problems}>{(problem) => <li>{problem}</li>}</For>
        </ul>
      </Show>
      <p class="command-line truth">
        <code data-testid="command">{command()}</code>
        <Copy text={command} label="copy" />
        <Copy text={() => location.href} label="copy address" />
      </p>
    </Panel>
  )
}

function Progress(props: VerdictProps) {
  const part = () =>
    (props.state.rows.length + (props.state.state === 'running' ? props.state.part : 0)) / Math.max(1, props.columns)
  return (
    <div class="arena-progress" data-state={props.state.state}>
      <Show
        when={props.state.state === 'running' || props.state.state === 'waiting'}
        fallback={
          <>
            <span class="label">
              {props.state.state === 'stopped'
                ? `stopped after ${props.state.rows.length} of ${props.columns} columns`
                : `${props.state.rows.length} columns in ${(props.state.ms / 1_000).toFixed(1)} s`}
            </span>
            <button type="button" class="tool" onClick={() => props.again()}>
              run again
            </button>
          </>
        }
      >
        <progress max="1" value={part()} aria-label="columns computed" />
        <span class="label">
          {props.state.rows.length} of {props.columns}
        </span>
        <button type="button" class="tool" onClick={() => props.stop()}>
          cancel
        </button>
      </Show>
    </div>
  )
}

function Results(props: {
  readonly arena: Arena
  /** Of words that were on the page before. */
  readonly old: boolean
  readonly words: ArenaPageWords
  readonly change: (patch: Partial<ArenaPageWords>, done: boolean) => void
}) {
  const { view } = useTerminal()
  const asTable = (chart: string) => view().table.includes(chart)
  return (
    <div class="stack" classList={{ stale: props.old }}>
      <Panel
        title="Price and debt per collateral, all on the same axes"
        chart="multiples"
        summary="Above: the price on each column’s market, dashed as all that is simulated, over the outside price in grey. Below: debt per collateral of all borrowers together; the filled part is the share of accounts that is due."
      >
        <Show when={!asTable('multiples')} fallback={<MultiplesTable arena={props.arena} rows={props.arena.rows} />}>
          <Multiples arena={props.arena} rows={props.arena.rows} />
        </Show>
      </Panel>
      <Panel
        title="Who pays: borrowers against lenders and protocol"
        chart="pareto"
        summary="At the outside prices of the time; what lent liquidity lost to the end is the lenders’. Liquidators’ profit, tips, gas and what buyers got below the price are part of these costs: somebody here paid them. Filled: no other column costs borrowers, lenders and protocol each no more and one of them less."
      >
        <Show when={!asTable('pareto')} fallback={<ParetoTable points={props.arena.pareto} />}>
          <ParetoChart points={props.arena.pareto} />
        </Show>
      </Panel>
      <Panel
        title="Every measure"
        summary="⊢ simulated. Gains of the parties are signed, at the last outside prices, and add up to Σ. A click on a title sorts."
      >
        <ArenaTable rows={props.arena.rows} sort={props.words.sort} onSort={(sort) => props.change({ sort }, true)} />
      </Panel>
      <Panel title="Parameters" summary="Each mechanism’s own, unless the words say otherwise.">
        <ArenaParams rows={props.arena.rows} />
      </Panel>
    </div>
  )
}
