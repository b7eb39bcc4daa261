/** The cascade lab: drag a shock, see what it forces, what that does to the price, who pays, and how far the cliff is. Nothing is asked of a server. */
import { createDeferred, createEffect, createMemo, createSignal, on, onCleanup, Show } from 'solid-js'
import '../style/cascade.css'
import {
  branchingCurve,
  type CascadeRun,
  type CliffMeter,
  type CoinRun,
  cliffOf,
  commandOf,
  sortBook,
  tryRun,
} from '../data/cascade.ts'
import { demoBook, parseBook } from '../data/cascade-book.ts'
import { createFan } from '../data/cascade-fan.ts'
import { type CascadeWords, cascadeAddress, cascadeWords, formatShocks, readCascade } from '../state/cascade.ts'
import { createDraft } from '../state/draft.ts'
import { Assumptions, bookFile, CoinTabs, Headline, Share } from '../ui/cascade-answer.tsx'
import { BranchingChart, BranchingTable, CliffScale, curveSentence } from '../ui/cascade-curve.tsx'
import { FanChart, FanProgress, FanTable } from '../ui/cascade-fan.tsx'
import { fanSentence } from '../ui/cascade-fan-words.ts'
import { CascadeForm } from '../ui/cascade-form.tsx'
import { PayerBars } from '../ui/cascade-payers.tsx'
import { createPlayer, PlayerButtons } from '../ui/cascade-player.tsx'
import { ForcedTable, LinkList, NextTable, RoundTable } from '../ui/cascade-tables.tsx'
import { RoundList, RoundMultiples, rangeOf, Waterfall } from '../ui/cascade-waterfall.tsx'
import { moved, runSentence } from '../ui/cascade-words.ts'
import { useTerminal } from '../ui/context.ts'
import { percent } from '../ui/position-words.ts'
import { Panel } from '../ui/widget.tsx'

const OWN_KEY = 'breakwater-cascade-book'
/** The cliff is looked for and rows are made when the hand has rested, at the latest after this, ms. */
const REST_MS = 150

/** The words of the address and what they mean. */
function createLab() {
  const { view, go } = useTerminal()
  const { words, change } = createDraft<CascadeWords>(
    () => cascadeWords(view().own),
    (next) => view().page === 'cascade' && go({ own: cascadeAddress(next) }, 'replace'),
  )
  const [text, setOwnText] = createSignal(readOwn())
  const setText = (next: string) => {
    setOwnText(next)
    try {
      sessionStorage.setItem(OWN_KEY, next)
    } catch {
      // Storage is off or full: the list lasts as long as the page.
    }
  }
  const input = createMemo(() => readCascade(words()))
  // Words of their own, so that a moved slider draws no book and sorts none.
  const kind = createMemo(() => words().book)
  const seed = createMemo(() => words().seed)
  const close = createMemo(() => input().numbers.close / 100)
  const book = createMemo(() => (kind() === 'own' ? parseBook(text()) : demoBook(seed())))
  const sorted = createMemo(() => sortBook(book(), close()))
  const tried = createMemo(() => tryRun(sorted(), input()))
  // A word that means nothing leaves the last run on the page, marked.
  const run = createMemo<CascadeRun | undefined>((last) => {
    const now = tried()
    return 'problem' in now ? last : now
  })
  const coins = () => [...book().coins.keys()]
  const coin = () => (coins().includes(words().coin) ? words().coin : (coins()[0] ?? ''))
  const mine = createMemo(() => run()?.coins.find((one) => one.coin === coin()))
  const stale = () => Object.keys(input().complaints).length > 0 || 'problem' in tried()
  const complaint = () => {
    const now = tried()
    return Object.values(input().complaints)[0] ?? ('problem' in now ? now.problem : '')
  }
  return { words, change, text, setText, input, book, sorted, run, coins, coin, mine, stale, complaint }
}

type Lab = ReturnType<typeof createLab>

function readOwn(): string {
  try {
    return sessionStorage.getItem(OWN_KEY) ?? ''
  } catch {
    return ''
  }
}

/** The page. */
export function CascadePage() {
  const { announce, claim } = useTerminal()
  claim(['simulated'])
  onCleanup(() => claim(undefined))
  const lab = createLab()
  const spoken = () => {
    const mine = lab.mine()
    return mine ? `${mine.coin} ends at ${moved(mine.outcome.price, mine.start)}` : ''
  }
  createEffect(
    on(
      () => lab.mine() && runSentence(lab.mine() as CoinRun),
      (sentence) => sentence && announce(sentence),
      { defer: true },
    ),
  )
  return (
    <>
      <div class="position-grid cascade-grid">
        <Panel title="Book, shock, market">
          <CascadeForm
            words={lab.words()}
            input={lab.input()}
            coins={lab.coins()}
            change={lab.change}
            spoken={spoken()}
            text={lab.text()}
            setText={lab.setText}
            refused={lab.book().refused}
          />
          <Show when={lab.mine()}>
            {(mine) => (
              <p class="position-bar" classList={{ outdated: lab.stale() }} aria-hidden="true">
                ⊢ {mine().coin} {percent(mine().shock)} becomes{' '}
                <strong>{moved(mine().outcome.price, mine().start)}</strong>
              </p>
            )}
          </Show>
        </Panel>
        <div class="stack">
          <Show when={lab.run()} fallback={<NoBook lab={lab} />}>
            {(run) => (
              <Show when={lab.mine()} fallback={<NoBook lab={lab} />}>
                {(mine) => <Results lab={lab} run={run()} mine={mine()} />}
              </Show>
            )}
          </Show>
        </div>
      </div>
      <Show when={lab.mine()}>{(mine) => <Below lab={lab} run={lab.run() as CascadeRun} mine={mine()} />}</Show>
    </>
  )
}

function NoBook(props: { lab: Lab }) {
  return (
    <Panel title="No book yet">
      <p>{props.lab.complaint() || 'Paste positions or choose a file: nothing is sent anywhere.'}</p>
      <p class="label">
        A link to a book of somebody’s own does not carry it: the book stays in the browser it was pasted into. The
        simulated book needs only its seed.
      </p>
    </Panel>
  )
}

type Shown = { readonly lab: Lab; readonly run: CascadeRun; readonly mine: CoinRun }

/** The answer and the waterfall. */
function Results(props: Shown) {
  const { view } = useTerminal()
  const others = () => props.lab.sorted().of(props.mine.coin, props.mine.outcome.side === 'long' ? 'short' : 'long')
  const player = createPlayer(
    () => props.mine.outcome.rounds.length,
    () => props.lab.input().round,
    (round) => props.lab.change({ round: round === undefined ? '' : String(round) }, true),
  )
  const shock = (next: number, done: boolean) => {
    const shocks = new Map(props.lab.input().shocks).set(props.mine.coin, Math.round(next * 1_000) / 1_000)
    props.lab.change({ shock: formatShocks(shocks), round: '' }, done)
    if (done) player.replay()
    else player.rest()
  }
  const asTable = () => view().table.includes('waterfall')
  const calm = createDeferred(() => props.mine, { timeoutMs: REST_MS })
  const calmOthers = () => props.lab.sorted().of(calm().coin, calm().outcome.side === 'long' ? 'short' : 'long')
  const choose = (coin: string) => props.lab.change({ coin, round: '' }, true)
  return (
    <>
      <Panel
        title="⊢ What the shock becomes"
        class="answer"
        tools={<CoinTabs run={props.run} coin={props.mine.coin} choose={choose} />}
      >
        <Show when={props.lab.stale()}>
          <p class="stale-note" role="status">
            {props.lab.complaint()} These are the figures of the last words that meant something.
          </p>
        </Show>
        <div classList={{ outdated: props.lab.stale() }}>
          <Headline run={props.run} mine={props.mine} />
          <p class="truth" data-testid="sentence">
            {runSentence(props.mine)}
          </p>
        </div>
        <Share
          run={props.run}
          book={props.lab.book()}
          words={props.lab.words()}
          command={commandOf(props.lab.sorted(), props.lab.input(), bookFile(props.lab.words()))}
        />
      </Panel>
      <Panel
        title={`Waterfall of ${props.mine.coin}: what would be liquidated, by price`}
        chart="waterfall"
        summary="Bars are notional that would be liquidated: orange ▼ longs (sold) below, blue ▲ shorts (bought back) above. Drag the line, or focus it and use the arrow keys."
      >
        <Show when={!asTable()} fallback={<RoundTable run={props.mine} />}>
          <div class="waterfall-grid" classList={{ outdated: props.lab.stale() }}>
            <Waterfall run={props.mine} others={others()} round={player.round()} onShock={shock} />
            <div>
              <PlayerButtons player={player} />
              <RoundList run={props.mine} round={player.round()} onRound={player.show} />
            </div>
          </div>
          <RoundMultiples run={calm()} others={calmOthers()} />
        </Show>
      </Panel>
    </>
  )
}

/** Everything under the waterfall. */
function Below(props: Shown) {
  const { view } = useTerminal()
  const asTable = (chart: string) => view().table.includes(chart)
  const cliff = createResting(() => props.mine, cliffOf)
  // Rows wait until the hand rests: what moves under it is drawn first.
  const calm = createDeferred(() => props.mine, { timeoutMs: REST_MS })
  const others = () => props.lab.sorted().of(props.mine.coin, props.mine.outcome.side === 'long' ? 'short' : 'long')
  const curve = createMemo(() => {
    const [low, high] = rangeOf(props.mine, others())
    return branchingCurve(
      props.mine,
      props.mine.outcome.side === 'long' ? Math.max(low, props.mine.start * 0.05) : high,
    )
  })
  return (
    <div class="stack" classList={{ outdated: props.lab.stale() }}>
      <div class="columns">
        <FanPanel {...props} asTable={asTable('fan')} />
        <Panel
          title="Who pays, all coins"
          summary="Changes of wealth from the prices before the shock to the resting prices, fees included; money neither appears nor goes."
        >
          <PayerBars run={props.run} />
        </Panel>
      </div>
      <div class="columns">
        <Panel
          title={`Branching of ${props.mine.coin}: what one forced dollar forces next`}
          chart="branching"
          summary={curveSentence({ run: props.mine, curve: curve() })}
        >
          <Show when={!asTable('branching')} fallback={<BranchingTable run={props.mine} curve={curve()} />}>
            <BranchingChart run={props.mine} curve={curve()} />
          </Show>
        </Panel>
        <div class="stack">
          <Panel title="How near the cliff is" busy={cliff.waiting()}>
            <CliffScale run={props.mine} cliff={cliff.value()} />
          </Panel>
          <Panel title="Who is next">
            <NextTable run={calm()} />
          </Panel>
        </div>
      </div>
      <div class="columns">
        <Panel title="Who was forced, and at what">
          <ForcedTable run={calm()} round={calm().outcome.rounds.length} />
        </Panel>
        <Panel
          title="Explain this run: the largest causal links"
          summary="Each order by its share of its round: how far it moved the price, and what of the next round that reached."
        >
          <LinkList run={calm()} />
        </Panel>
      </div>
      <Assumptions input={props.lab.input()} book={props.lab.book()} />
    </div>
  )
}

function FanPanel(props: Shown & { asTable: boolean }) {
  const fan = createFan(props.lab.words, () => props.mine.coin, props.lab.text)
  return (
    <Panel
      title="Price after the shock, many paths"
      chart="fan"
      busy={fan.state().state === 'running'}
      summary={
        fan.state().fan
          ? fanSentence(fan.state().fan as NonNullable<ReturnType<typeof fan.state>['fan']>, props.mine.start)
          : undefined
      }
    >
      <Show when={fan.state().problem}>{(problem) => <p class="broken">{problem()}</p>}</Show>
      <Show when={fan.state().fan} fallback={<div class="skeleton" style={{ height: '260px' }} />}>
        {(found) => (
          <Show when={!props.asTable} fallback={<FanTable fan={found()} start={props.mine.start} />}>
            <FanChart fan={found()} start={props.mine.start} stale={fan.state().state === 'old'} />
          </Show>
        )}
      </Show>
      <FanProgress state={fan.state()} onStop={fan.stop} onAgain={fan.again} />
    </Panel>
  )
}

/** A slow figure, computed when its question has rested; until then the last one stands. */
function createResting(question: () => CoinRun, answer: (run: CoinRun) => CliffMeter | undefined) {
  const [value, setValue] = createSignal<CliffMeter | undefined>(answer(question()))
  const [waiting, setWaiting] = createSignal(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  createEffect(
    on(
      question,
      (run) => {
        clearTimeout(timer)
        setWaiting(true)
        timer = setTimeout(() => {
          setValue(() => answer(run))
          setWaiting(false)
        }, REST_MS)
      },
      { defer: true },
    ),
  )
  onCleanup(() => clearTimeout(timer))
  return { value, waiting }
}
