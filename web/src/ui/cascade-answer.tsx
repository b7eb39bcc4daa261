/** The answer of the cascade lab: figures, what to share, and what they rest on. */
import { For, Show } from 'solid-js'
import { formatCount, formatMultiple, formatUsd } from '../../../lib/analytics/index.ts'
import type { CascadeRun, CoinRun } from '../data/cascade.ts'
import { bookCsv, type CascadeBook } from '../data/cascade-book.ts'
import type { CascadeInput, CascadeWords } from '../state/cascade.ts'
import { coinPrice, moved } from './cascade-words.ts'
import { Copy } from './copy.tsx'
import { percent } from './position-words.ts'
import { Panel } from './widget.tsx'

/** The coins, each with where it ends. */
export function CoinTabs(props: { run: CascadeRun; coin: string; choose: (coin: string) => void }) {
  return (
    <fieldset class="switch coin-tabs" aria-label="coin">
      <For each={props.run.coins}>
        {(one) => (
          <button type="button" aria-pressed={one.coin === props.coin} onClick={() => props.choose(one.coin)}>
            {one.coin} {moved(one.outcome.price, one.start)}
          </button>
        )}
      </For>
    </fieldset>
  )
}

/** The figures of a coin and of all. */
export function Headline(props: { run: CascadeRun; mine: CoinRun }) {
  const is = () => props.mine.outcome
  return (
    <dl class="headline">
      <div class="big-fact">
        <dt>{props.mine.coin} comes to rest at, $</dt>
        <dd data-testid="resting-price">⊢{coinPrice(is().price)}</dd>
      </div>
      <div class="big-fact">
        <dt>from ${coinPrice(props.mine.start)}</dt>
        <dd data-testid="move">{moved(is().price, props.mine.start)}</dd>
      </div>
      <div>
        <dt>of it by forced orders</dt>
        <dd data-testid="overshoot">{percent((is().price - is().external) / props.mine.start)}</dd>
      </div>
      <div>
        <dt>amplification</dt>
        <dd data-testid="amplification">
          {is().amplification === undefined ? '—' : `×${(is().amplification as number).toFixed(2)}`}
          <Show when={is().runaway}>
            <span class="tag warn">n ≥ 1 in a round</span>
          </Show>
        </dd>
      </div>
      <div>
        <dt>forced, all coins</dt>
        <dd data-testid="forced">
          ⊢{formatUsd(props.run.forcedUsd)} <span class="label">{formatCount(props.run.accounts)} accounts</span>
        </dd>
      </div>
      <div>
        <dt>rounds</dt>
        <dd>{formatCount(is().rounds.length)}</dd>
      </div>
      <div>
        <dt>not covered, all coins</dt>
        <dd classList={{ broken: props.run.payers.uncovered < -0.5 }}>
          {props.run.payers.uncovered < -0.5 ? `⊢${formatUsd(-props.run.payers.uncovered)}` : 'none'}
        </dd>
      </div>
    </dl>
  )
}

/** The name of the book's file. */
export function bookFile({ book, seed }: CascadeWords): string {
  return `cascade-${book === 'demo' ? seed.replace(/[^\w-]/g, '_') : 'own'}.csv`
}

/** Link, seed, hash, and the book as a file for the command line. */
export function Share(props: { run: CascadeRun; book: CascadeBook; words: CascadeWords; command: string | undefined }) {
  const save = () => {
    const url = URL.createObjectURL(new Blob([bookCsv(props.book)], { type: 'text/csv' }))
    const link = document.createElement('a')
    link.href = url
    link.download = bookFile(props.words)
    link.click()
    URL.revokeObjectURL(url)
  }
  return (
    <>
      <p class="command-line truth">
        <span>
          result <code data-testid="hash">{props.run.hash}</code>
          <Show when={props.words.book === 'demo'}> · seed {props.words.seed}</Show>
        </span>
        <Copy text={() => location.href} label="copy address" />
        <Copy text={() => props.run.hash} label="copy hash" />
        <button type="button" class="tool" onClick={save} title="account, coin, side, size, entry, margin, liquidation">
          book as CSV
        </button>
      </p>
      <p class="command-line">
        <Show
          when={props.command}
          fallback={
            <span class="label">
              The command line knows the exponential model, whole positions and perps: choose those for a line with the
              same figures.
            </span>
          }
        >
          {(command) => (
            <>
              <code data-testid="command">{command()}</code>
              <Copy text={command} label="copy" />
              <span class="label">same prices and accounts from the book’s CSV; fees are this page’s</span>
            </>
          )}
        </Show>
      </p>
    </>
  )
}

/** What the figures rest on. */
export function Assumptions(props: { input: CascadeInput; book: CascadeBook }) {
  return (
    <Panel title="What is assumed">
      <ul class="notes">
        <li>
          The outcome is the greatest fixed point: every account that the price reaches is forced at once, its order
          moves the price, and so on until nobody new is reached. Each coin’s orders move only that coin.
        </li>
        <li>
          The simulated book is drawn from its seed: {formatCount(props.book.positions.length)} isolated positions, two
          of five crowded at leverages that menus offer. It is no venue’s book and no forecast.
        </li>
        <li>
          Depth is {formatMultiple(props.input.numbers.depth)} the book’s own. Where a pasted list says nothing about
          depth, 6 % of its interest is taken to stand within 1 % of the price, and 2.5 times of it to trade in a day.
        </li>
        <li>
          Fills are the average of a round. Losses beyond an account’s margin fall on the fund, then on nobody yet: bad
          debt, or profits taken back.
        </li>
      </ul>
    </Panel>
  )
}
