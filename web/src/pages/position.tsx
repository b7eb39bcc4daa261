/** My position: at which price it is liquidated, what happens then, who pays, and the same at every other venue. No question is asked of a server. */
import { createMemo, For, Index, Show } from 'solid-js'
import { answerVenues, atVenue, commandOf, factsOf, leveragesOf, type VenueFigures } from '../data/position.ts'
import { createDraft } from '../state/draft.ts'
import { plain, readPosition } from '../state/position.ts'
import { useTerminal } from '../ui/context.ts'
import { Copy } from '../ui/copy.tsx'
import { type Change, PositionForm } from '../ui/position-form.tsx'
import { drainWords, FundingChart, FundingTable } from '../ui/position-funding.tsx'
import { PathChart, PathTable } from '../ui/position-path.tsx'
import { LeverageTable, VenueTable } from '../ui/position-venues.tsx'
import { money, percent, price, rate, times } from '../ui/position-words.ts'
import { Panel } from '../ui/widget.tsx'

/** The words of the address, and what the rules say to them. */
function createAnswers() {
  const { view, go } = useTerminal()
  const { words, change } = createDraft(
    () => view().position,
    (position) => view().page === 'position' && go({ position }, 'replace'),
  )
  const read = createMemo(() => readPosition(words()))
  const facts = createMemo(() => factsOf(words()))
  const answers = createMemo(() => answerVenues(words(), read().position))
  const mine = () => answers().find(({ venue }) => venue === words().venue)
  // A word that means nothing leaves the last figures on the page, marked as such.
  const figures = createMemo<VenueFigures | undefined>((last) => {
    const answer = mine()
    return answer && 'figures' in answer ? answer.figures : last
  })
  const complaints = createMemo(() => {
    const answer = mine()
    return { ...(answer && 'problem' in answer ? { [answer.field]: answer.problem } : {}), ...read().complaints }
  })
  const stale = () => Object.keys(complaints()).length > 0
  return { words, change, read, facts, answers, figures, complaints, stale }
}

/** The page. */
export function PositionPage() {
  const { view } = useTerminal()
  const { words, change, read, facts, answers, figures, complaints, stale } = createAnswers()
  const choose = (venue: string) => change(atVenue(words(), venue), true)
  // Another venue writes the same position with its own symbol and units.
  const typed: Change = (patch, done) => (patch.venue === undefined ? change(patch, done) : choose(patch.venue))
  const spoken = () => {
    const found = figures()
    if (stale() || !found) return Object.values(complaints()).join(' ')
    return `liquidation price ${price(found.liquidationPrice, found)}`
  }
  const asTable = (chart: string) => view().table.includes(chart)
  return (
    <>
      <div class="position-grid">
        <Panel title="My position">
          <PositionForm words={words()} complaints={complaints()} facts={facts()} change={typed} spoken={spoken()} />
          <Show when={figures()}>
            {(found) => (
              <p class="position-bar" classList={{ stale: stale() }} aria-hidden="true">
                liquidation <strong>{price(found().liquidationPrice, found())}</strong>{' '}
                {found().distance === undefined ? '' : percent(found().distance)}
              </p>
            )}
          </Show>
        </Panel>
        <div class="stack">
          <Show when={figures()} fallback={<Nothing complaints={Object.values(complaints())} />}>
            {(found) => (
              <Answer figures={found()} stale={stale()} asTable={asTable('path')} command={commandOf(words())} />
            )}
          </Show>
        </div>
      </div>
      <Show when={figures()}>
        {(found) => (
          <div class="columns">
            <Steps figures={found()} />
            <div class="stack">
              <Funding figures={found()} asTable={asTable('funding')} />
              <Panel title="What a leverage survives">
                <LeverageTable
                  rows={leveragesOf(words(), read().position)}
                  leverage={found().leverage}
                  choose={(leverage) => change({ leverage: plain(leverage) }, true)}
                />
              </Panel>
            </div>
          </div>
        )}
      </Show>
      <Panel
        title="The same position at every venue"
        summary="Same coin, side, size, entry, leverage, added margin and funding per day; each venue’s own brackets, trigger and takeover. A longer grey bar survives more; red is the part that the venue takes after liquidation."
      >
        <VenueTable answers={answers()} chosen={words().venue} choose={choose} />
      </Panel>
      <Show when={figures()}>{(found) => <Sources figures={found()} />}</Show>
    </>
  )
}

type AnswerProps = {
  readonly figures: VenueFigures
  readonly stale: boolean
  readonly asTable: boolean
  readonly command: string
}

/** The figures and the path, marked while a field is not right. */
function Answer(props: AnswerProps) {
  return (
    <>
      <Panel title={`${props.figures.name} ${props.figures.symbol}, ${props.figures.side}`} class="answer">
        <Show when={props.stale}>
          <p class="stale-note" role="status">
            A field is not right: these are the figures of the last position that was.
          </p>
        </Show>
        <div classList={{ stale: props.stale }}>
          <Headline figures={props.figures} />
          <Truth figures={props.figures} />
        </div>
        <CommandLine command={props.command} />
      </Panel>
      <Panel title="Path to liquidation: equity against maintenance as the price moves" chart="path">
        <div classList={{ stale: props.stale }}>
          <Show when={props.asTable} fallback={<PathChart figures={props.figures} />}>
            <PathTable figures={props.figures} />
          </Show>
        </div>
      </Panel>
    </>
  )
}

function Funding(props: { figures: VenueFigures; asTable: boolean }) {
  return (
    <Panel title="What funding takes" chart="funding" summary={drainWords(props.figures)}>
      <Show when={props.asTable} fallback={<FundingChart figures={props.figures} />}>
        <FundingTable figures={props.figures} />
      </Show>
    </Panel>
  )
}

function Nothing(props: { complaints: readonly string[] }) {
  return (
    <Panel title="No position yet">
      <p>These fields mean no position:</p>
      <ul class="notes">
        <For each={props.complaints}>{(sentence) => <li class="broken">{sentence}</li>}</For>
      </ul>
    </Panel>
  )
}

function Headline(props: { figures: VenueFigures }) {
  const is = () => props.figures
  return (
    <dl class="headline">
      <div class="big-fact">
        <dt>liquidation price</dt>
        <dd data-testid="liquidation-price">{price(is().liquidationPrice, is())}</dd>
      </div>
      <div class="big-fact">
        <dt>from mark {price(is().mark, is())}</dt>
        <dd data-testid="distance">{is().distance === undefined ? 'never' : percent(is().distance)}</dd>
      </div>
      <div>
        <dt>bankruptcy price</dt>
        <dd data-testid="bankruptcy-price">
          {price(is().bankruptcyPrice, is())}{' '}
          <Show when={is().bankruptcyPrice}>{(at) => <span class="label">{percent(at() / is().mark - 1)}</span>}</Show>
        </dd>
      </div>
      <div>
        <dt>margin, {is().settle}</dt>
        <dd>
          {money(is().margin, is())} <span class="label">{times(is().effectiveLeverage)} effective</span>
        </dd>
      </div>
      <div>
        <dt>maintenance, {is().settle}</dt>
        <dd title={is().bracket}>
          {money(is().maintenance, is())} <span class="label">{rate(is().rate)}</span>
        </dd>
      </div>
      <div>
        <dt>notional, {is().quote}</dt>
        <dd>{money(is().notional, { payoff: 'linear' })}</dd>
      </div>
      <div>
        <dt>margin ratio now</dt>
        <dd>{percent(is().marginRatio, 1, false)}</dd>
      </div>
      <div>
        <dt>funding a day, {is().settle}</dt>
        <dd>
          {money(is().fundingPerDay, is())}{' '}
          <span class="label">{is().fundingPerDay > 0 ? 'paid' : is().fundingPerDay < 0 ? 'received' : ''}</span>
        </dd>
      </div>
    </dl>
  )
}

/** What 1/leverage promises, and what the position really survives. */
function Truth(props: { figures: VenueFigures }) {
  const is = () => props.figures
  const promised = () => percent((is().side === 'long' ? -1 : 1) / is().leverage, is().leverage > 20 ? 2 : 0)
  const own = () =>
    is().distance === undefined
      ? 'This position has no liquidation price.'
      : `This position, at its size and margin: ${percent(is().distance)}.`
  return (
    <p class="truth" data-testid="truth">
      A {times(is().leverage)} {is().side} survives{' '}
      <strong>{is().lowestDistance === undefined ? 'every price' : percent(is().lowestDistance)}</strong>, not{' '}
      {promised()}: at {promised()} its margin is gone, and the venue liquidates while {rate(is().lowestRate)} of the
      notional is left (lowest bracket, no margin added). {own()}
    </p>
  )
}

function CommandLine(props: { command: string }) {
  return (
    <p class="command-line truth">
      <code data-testid="command">{props.command}</code>
      <Copy text={() => props.command} label="copy" />
      <Copy text={() => location.href} label="copy address" />
    </p>
  )
}

function Steps(props: { figures: VenueFigures }) {
  return (
    <Panel title={`What happens then at ${props.figures.name}, step by step`} summary={props.figures.stepsAssume}>
      <ol class="steps">
        <Index each={props.figures.steps}>
          {(step) => (
            <li>
              <div class="step-head">
                <strong>{step().title}</strong>
                <span class="fig">{step().at}</span>
              </div>
              <Show when={step().says}>
                <p>{step().says}</p>
              </Show>
            </li>
          )}
        </Index>
      </ol>
    </Panel>
  )
}

const CERTAINTY = {
  source: 'read in the source',
  news: 'reported',
  derived: 'derived here',
  unverified: 'not verified',
  conflicting: 'sources contradict each other',
} as const

function Sources(props: { figures: VenueFigures }) {
  const profile = () => props.figures.profile
  return (
    <Panel
      title={`Rules of ${profile().name}: from ${profile().from}${profile().until ? ` until ${profile().until}` : ' on'}`}
    >
      <p>
        Brackets and steps of {props.figures.symbol} as of {props.figures.asOf}: {props.figures.source}.
      </p>
      <ul class="notes">
        <For each={profile().notes}>{(note) => <li>{note}</li>}</For>
      </ul>
      <ul class="sources">
        <For each={profile().sources}>
          {(source) => (
            <li>
              <a href={source.url} target="_blank" rel="noreferrer">
                {source.what}
              </a>{' '}
              <span class="label">{source.date}</span>{' '}
              <span
                class="tag"
                classList={{ warn: source.certainty === 'unverified' || source.certainty === 'conflicting' }}
              >
                {CERTAINTY[source.certainty]}
              </span>
            </li>
          )}
        </For>
      </ul>
    </Panel>
  )
}
