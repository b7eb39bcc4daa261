/** Loans: which become liquidatable when prices fall, and one loan in full. Everything is computed in the browser; no server is asked. */
import { createEffect, createMemo, createSignal, For, onCleanup, Show } from 'solid-js'
import {
  formatCount,
  formatMultiple,
  formatUsd,
  type HealthAnswer,
  type LadderAnswer,
  type LendingBooks,
  parseShock,
  shockSentence,
} from '../../../lib/analytics/index.ts'
import {
  accountOf,
  askedOf,
  booksOf,
  choicesOf,
  deskOf,
  healthCurve,
  isTrouble,
  keepTable,
  keptTable,
  ladderOf,
  loanPage,
  type OwnTable,
  questionOf,
  type Trouble,
} from '../data/lending.ts'
import { createDraft, sameWords } from '../state/draft.ts'
import { dropOf, formatLending, type LendingWords, parseLending, readShock, withDrop } from '../state/lending.ts'
import { useTerminal } from '../ui/context.ts'
import { Copy } from '../ui/copy.tsx'
import { Loan } from '../ui/lending-account.tsx'
import { Accounts } from '../ui/lending-accounts.tsx'
import { Loans } from '../ui/lending-file.tsx'
import { type LendingChange, ShockForm } from '../ui/lending-form.tsx'
import { LadderChart, LadderTable, ladderSentence } from '../ui/lending-ladder.tsx'
import { Panel } from '../ui/widget.tsx'
import '../style/lending.css'

/** The words of the address, the loans they name, and the answers. `words` moves with the hand, `rested` when it lets go. */
function createLending() {
  const { view, go, claim } = useTerminal()
  const rested = createMemo(() => parseLending(view().own))
  const { words, change } = createDraft<LendingWords>(rested, (next) => {
    if (view().page !== 'lending') return
    const turned = next.account !== rested().account
    go({ own: formatLending(next) }, turned ? 'push' : 'replace')
    if (turned) scrollTo({ top: 0 })
  })
  const [table, setTable] = createSignal<OwnTable | undefined>(keptTable())
  const loans = createMemo(() => booksOf({ accounts: words().accounts, seed: words().seed }, table()))
  const books = () => found(loans())
  createEffect(() => claim(books()?.source.kind === 'given' ? ['recorded'] : ['simulated']))
  onCleanup(() => claim(undefined))
  const give = (next: OwnTable | undefined) => {
    keepTable(next)
    setTable(() => next)
    if (next) change({ accounts: 'mine', protocol: '', rows: '1', account: '' }, true)
  }
  return { view, words, rested, change, table, give, loans, books, ...createAnswers(words, rested, books) }
}

const found = <T extends object>(value: T | Trouble | undefined): T | undefined =>
  value === undefined || isTrouble(value) ? undefined : (value as T)

function createAnswers(words: () => LendingWords, rested: () => LendingWords, books: () => LendingBooks | undefined) {
  const choices = createMemo(() => choicesOf(books()?.books ?? []))
  // The loans are looked at once for a protocol; rungs are computed once for a kind of shock; the asked rung follows the hand.
  const protocol = createMemo(() => words().protocol)
  const desk = createMemo(() => {
    const loans = books()
    const question = loans && found(questionOf({ ...rested(), protocol: protocol() }, loans, rested().shock))
    return question && deskOf(question)
  })
  const kind = createMemo(() => {
    const read = readShock(words().shock)
    return 'shock' in read ? withDrop(read.shock, 20) : words().shock
  })
  // Words without the shock: while only it moves, the ladder stands.
  const still = createMemo(() => ({ ...words(), shock: '' }), undefined, { equals: sameWords })
  const asked = (shock: string) => {
    const loans = books()
    return loans && questionOf(still(), loans, shock)
  }
  const ladder = createMemo((): LadderAnswer | Trouble | undefined => {
    const [question, looked] = [asked(kind()), desk()]
    if (!question || isTrouble(question)) return question
    if (!looked) return undefined
    return ladderOf(question, looked)
  })
  const now = createMemo((): LadderAnswer | Trouble | undefined => {
    const [question, looked] = [asked(words().shock), desk()]
    if (!question || isTrouble(question)) return question
    if (!looked) return undefined
    return askedOf(question, looked)
  })
  const settled = createMemo(() => {
    const loans = books()
    return loans && questionOf(rested(), loans, rested().shock)
  })
  return { choices, ladder, now, settled }
}

type Lending = ReturnType<typeof createLending>

/** The page. */
export function LendingPage() {
  const lending = createLending()
  return (
    <Show when={lending.words().account === ''} fallback={<AccountPage lending={lending} />}>
      <BookPage lending={lending} />
    </Show>
  )
}

function BookPage(props: { lending: Lending }) {
  const is = props.lending
  const answer = () => found(is.now())
  const rows = createMemo(() => {
    const question = found(is.settled())
    return question && loanPage(question, is.rested())
  })
  return (
    <>
      <div class="position-grid lending-grid">
        <Controls lending={is} />
        <div class="stack">
          <Troubled answer={is.books() ? is.now() : is.loans()}>
            <Ladder lending={is} />
          </Troubled>
        </div>
      </div>
      <Show when={answer()}>
        <Panel title="Loans" summary={loansSummary(is)}>
          <Troubled answer={rows()}>
            <Show when={found(rows())}>
              {(page) => (
                <Accounts page={page()} words={is.rested()} change={is.change} href={(target) => hrefOf(is, target)} />
              )}
            </Show>
          </Troubled>
        </Panel>
      </Show>
    </>
  )
}

function loansSummary({ rested, books }: Lending): string {
  const read = readShock(rested().shock)
  const sim = books()?.source.kind === 'simulated' ? ' All of them are simulated.' : ''
  return `Health before and after: ${'shock' in read ? shockSentence(read.shock) : ''}${sim}`
}

function hrefOf({ rested, view }: Lending, account: string): string {
  const query = new URLSearchParams(formatLending({ ...rested(), account }))
  return `/${view().page}?${query}`
}

function Controls(props: { lending: Lending }) {
  const is = props.lending
  const protocols = () => [...new Set(is.books()?.books.map(({ protocol }) => protocol))]
  const spoken = () => {
    const answer = found(is.now())
    return answer ? ladderSentence(answer, answer) : ''
  }
  return (
    <div class="stack">
      <Panel title="Shock">
        <ShockForm
          words={is.words()}
          choices={is.choices()}
          protocols={protocols()}
          change={is.change}
          spoken={spoken()}
        />
      </Panel>
      <Panel title="Which loans">
        <Loans words={is.words()} source={is.books()?.source} table={is.table()} change={is.change} give={is.give} />
      </Panel>
    </div>
  )
}

/** The children, or what is wrong and what to do. */
function Troubled(props: { answer: object | undefined; children: import('solid-js').JSX.Element }) {
  const trouble = () => (props.answer && isTrouble(props.answer) ? props.answer : undefined)
  return (
    <Show when={trouble()} fallback={props.children}>
      {(wrong) => (
        <Panel title="No answer yet">
          <div class="failed" role="alert">
            <p>
              <strong>{wrong().problem}</strong>
            </p>
            <p>{wrong().fix}</p>
          </div>
        </Panel>
      )}
    </Show>
  )
}

function Ladder(props: { lending: Lending }) {
  const is = props.lending
  const both = () => {
    const [ladder, now] = [found(is.ladder()), found(is.now())]
    return ladder && now ? { ladder, now } : undefined
  }
  const by = () => (is.words().by === 'protocol' ? 'protocol' : 'collateral')
  const drop = () => {
    const read = readShock(is.words().shock)
    return 'shock' in read ? dropOf(read.shock) : 20
  }
  const simulated = () => is.books()?.source.kind === 'simulated'
  const move = (to: number, done: boolean) => {
    const read = readShock(is.words().shock)
    if ('shock' in read) is.change({ shock: withDrop(read.shock, to) }, done)
  }
  return (
    <Show when={both()}>
      {(answers) => (
        <Panel
          title="Collateral at risk by price drop"
          chart="ladder"
          class="ladder-panel"
          tools={<Divide by={by()} change={is.change} />}
        >
          <p class="question" data-testid="sentence">
            {answers().now.sentence}
          </p>
          <p class="summary">{ladderSentence(answers().ladder, answers().now)}</p>
          <Figures now={answers().now} simulated={simulated()} />
          <Show
            when={is.view().table.includes('ladder')}
            fallback={
              <LadderChart
                ladder={answers().ladder}
                asked={answers().now}
                by={by()}
                drop={drop()}
                simulated={simulated()}
                move={move}
              />
            }
          >
            <LadderTable ladder={answers().ladder} by={by()} drop={drop()} />
          </Show>
          <OtherShock now={answers().now} change={is.change} />
          <Command line={commandOf(is.rested(), 'at-risk')} />
        </Panel>
      )}
    </Show>
  )
}

function Divide(props: { by: string; change: LendingChange }) {
  return (
    <fieldset class="switch" aria-label="bars by">
      <For each={['collateral', 'protocol']}>
        {(by) => (
          <button type="button" aria-pressed={props.by === by} onClick={() => props.change({ by }, true)}>
            {by}
          </button>
        )}
      </For>
    </fieldset>
  )
}

/** The sums of the asked fall. */
function Figures(props: { now: LadderAnswer; simulated: boolean }) {
  const asked = () => props.now.asked
  const usd = (value: number) => `${props.simulated ? '⊢' : ''}${formatUsd(value)}`
  return (
    <dl class="headline lending-figures">
      <div class="big-fact">
        <dt>
          <span class="long" aria-hidden="true">
            ▼
          </span>{' '}
          liquidatable loans
        </dt>
        <dd data-testid="asked-accounts">{formatCount(asked().accounts)}</dd>
      </div>
      <div class="big-fact">
        <dt>collateral, at today’s prices</dt>
        <dd data-testid="asked-today">{usd(asked().today)}</dd>
      </div>
      <div>
        <dt>the same, at that price</dt>
        <dd data-testid="asked-collateral">{usd(asked().collateral)}</dd>
      </div>
      <div>
        <dt>debt to repay</dt>
        <dd data-testid="asked-debt">{usd(asked().debt)}</dd>
      </div>
      <div>
        <dt>debt beyond collateral</dt>
        <dd data-testid="asked-bad-debt" classList={{ broken: asked().badDebt > 0 }}>
          {usd(asked().badDebt)}
        </dd>
      </div>
      <div>
        <dt>largest loan’s part</dt>
        <dd>{asked().largest === undefined ? '—' : `${((asked().largest ?? 0) * 100).toFixed(0)} %`}</dd>
      </div>
    </dl>
  )
}

/** The same book, another shock: the line that is always below. */
function OtherShock(props: { now: LadderAnswer; change: LendingChange }) {
  return (
    <Show when={props.now.compare}>
      {(other) => (
        <p class="truth" data-testid="other-shock">
          Same loans, other shock: <strong>{other().sentence}</strong> {formatCount(other().accounts)} loan
          {other().accounts === 1 ? '' : 's'} with {formatUsd(other().debt)} of debt
          {other().ratio === undefined ? '' : `, ${formatMultiple(other().ratio)} the debt above`}.{' '}
          <span class="label">{other().why}</span>{' '}
          <button type="button" class="tool" onClick={() => props.change({ shock: other().shock, compare: '' }, true)}>
            ask that instead
          </button>
        </p>
      )}
    </Show>
  )
}

function Command(props: { line: string }) {
  return (
    <p class="command-line truth">
      <code data-testid="command">{props.line}</code>
      <Copy text={() => props.line} label="copy" />
      <Copy text={() => location.href} label="copy address" />
    </p>
  )
}

/** The command that gives the same answer. */
function commandOf(words: LendingWords, command: 'at-risk' | 'health'): string {
  const { accounts, seed, protocol, shock, account, slippage, flash, gas } = { ...words }
  const changed = formatLending(words)
  const costs = command === 'health' ? { slippage, flash, gas } : {}
  const options = [
    accounts === 'demo' ? '--accounts demo' : '--accounts FILE --assets FILE',
    ...(changed['seed'] === undefined || accounts !== 'demo' ? [] : [`--seed ${seed}`]),
    ...(protocol === '' ? [] : [`--protocol ${protocol}`]),
    `--shock ${shock}`,
    ...(account === '' ? [] : [`--account ${account}`]),
    ...Object.entries(costs).flatMap(([word, value]) => (changed[word] === undefined ? [] : [`--${word} ${value}`])),
  ]
  return ['breakwater lending', command, ...options].join(' ')
}

function AccountPage(props: { lending: Lending }) {
  const is = props.lending
  const question = () => found(is.settled())
  const answer = createMemo((): HealthAnswer | Trouble | undefined => {
    const [loans, asked] = [is.loans(), is.settled()]
    if (isTrouble(loans)) return loans
    const told = asked && !isTrouble(asked) ? accountOf(asked, is.rested().account) : asked
    // The way out is told for the command line; here it is the button above.
    return told && isTrouble(told) && told.fix.includes('--account')
      ? { ...told, fix: '‹ all loans lists those that there are, nearest to liquidation first.' }
      : told
  })
  const drop = () => dropOf(question()?.shock ?? parseShock('ETH=-20%'))
  return (
    <div class="position-grid lending-grid answer-first">
      <Controls lending={is} />
      <div class="stack">
        <p class="scopes">
          <button type="button" class="chip" onClick={() => is.change({ account: '' }, true)}>
            ‹ all loans
          </button>
        </p>
        <Troubled answer={answer()}>
          <For each={found(answer())?.listed ?? []}>
            {(loan) => (
              <Loan
                loan={loan}
                curve={question() ? healthCurve(question() as NonNullable<ReturnType<typeof question>>, loan) : []}
                drop={drop()}
                words={is.rested()}
                change={is.change}
                asTable={is.view().table.includes('health')}
                simulated={is.books()?.source.kind === 'simulated'}
              />
            )}
          </For>
          <Command line={commandOf(is.rested(), 'health')} />
        </Troubled>
      </div>
    </div>
  )
}
