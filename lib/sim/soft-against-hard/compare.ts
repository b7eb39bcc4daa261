/** The comparison itself: both books along one path, and a sentence that says what the two numbers mean. */
import { type AaveBookTerms, aaveBook } from './aave-book.ts'
import { type LlammaBookTerms, llammaBook } from './llamma-book.ts'
import { type ActingCosts, type BookResult, type ComparedBorrower, type PathPrice, runBook } from './run.ts'

/** What is compared. */
export type SoftAgainstHard = {
  readonly path: readonly PathPrice[]
  readonly borrowers: readonly ComparedBorrower[]
  readonly llamma: LlammaBookTerms
  readonly aave: AaveBookTerms
  readonly costs: ActingCosts
}

/** Both results, and what they mean. */
export type SoftAgainstHardResult = { readonly soft: BookResult; readonly hard: BookResult; readonly sentence: string }

/** Runs both. Throws `bad-scenario` for an empty path or borrowers whom either refuses. */
export function softAgainstHard({ path, borrowers, llamma, aave, costs }: SoftAgainstHard): SoftAgainstHardResult {
  const first = path[0] ?? { time: 0, price: 0 }
  const soft = runBook(llammaBook(borrowers, first, llamma, costs), borrowers, path, costs)
  const hard = runBook(aaveBook(borrowers, first, aave), borrowers, path, costs)
  return { soft, hard, sentence: sentenceOf(soft, hard) }
}

/** Candles as prices: open, the extreme away from the close, the other extreme, close, with `steps` prices on each of the three ways. */
export function pathOfCandles(
  candles: readonly {
    readonly time: number
    readonly open: number
    readonly high: number
    readonly low: number
    readonly close: number
  }[],
  seconds: number,
  steps: number,
): readonly PathPrice[] {
  return candles.flatMap(({ time, open, high, low, close }) => {
    const corners = close >= open ? [open, low, high, close] : [open, high, low, close]
    return Array.from({ length: 3 * steps }, (_, i) => {
      const [from, to] = [corners[Math.floor(i / steps)] ?? open, corners[Math.floor(i / steps) + 1] ?? close]
      const part = (i % steps) / steps
      return { time: time + Math.round((seconds * i) / (3 * steps)), price: from + (to - from) * part }
    })
  })
}

function sentenceOf(soft: BookResult, hard: BookResult): string {
  const money = (value: number) => Math.round(value).toLocaleString('en-US')
  const share = (value: number) => `${((100 * value) / soft.debt).toFixed(2)} %`
  return [
    `Of the same ${money(soft.debt)} of debt, ${soft.name} liquidated ${money(soft.liquidated)} by force and ${hard.name} ${money(hard.liquidated)};`,
    `but converting along bands let arbitrageurs take ${money(soft.taken - soft.takenByForce)} beside the ${money(soft.takenByForce)} of its liquidators, together ${share(soft.taken)} of the debt, where hard liquidators took ${money(hard.taken)} (${share(hard.taken)}).`,
    `Selling on the way down and buying on the way up comes on top: at the end the loans stand ${money(-soft.againstHolding)} below untouched ones with ${soft.name}, ${money(-hard.againstHolding)} with ${hard.name}.`,
    `Figures such as "4 thousand against 436 million" set forced liquidations of protocols of different size side by side: they leave out what soft`,
    'liquidation costs, and how much was borrowed how near to the edge. This one holds for these loans, this path, and arbitrageurs and liquidators who are always there.',
  ].join(' ')
}
