/** Loans in words: the state of a loan, what each protocol does with one that is liquidatable, and why two shocks answer differently. */
import { formatShare, formatUsd } from './format.ts'
import { isOrFollows, type LendingShock, shockText } from './lending-shock.ts'

/** How a loan stands. `stuck`: liquidatable, and nobody can take it now; `liquidatable`: what a liquidator may do cannot be said. */
export type LoanState =
  | 'no-debt'
  | 'healthy'
  | 'liquidatable'
  | 'liquidatable-part'
  | 'liquidatable-whole'
  | 'absorbable'
  | 'under-water'
  | 'stuck'

/** The states in two or three words. */
export const STATE_WORDS: Readonly<Record<LoanState, string>> = {
  'no-debt': 'no debt',
  healthy: 'healthy',
  liquidatable: 'liquidatable',
  'liquidatable-part': 'liquidatable, in part',
  'liquidatable-whole': 'liquidatable, whole',
  absorbable: 'absorbable',
  'under-water': 'under water',
  stuck: 'liquidatable, nobody can',
}

type Facts = {
  readonly factor: number | undefined
  /** Debt less collateral, dollars. */
  readonly short: number
  readonly take: { readonly part: number | undefined; readonly repaid: number } | undefined
  readonly protocol: string
}

/** A health factor with four digits behind the point; `none` where nothing is owed. */
export function formatFactor(factor: number | undefined): string {
  if (factor === undefined) return 'none'
  return factor >= 1_000 ? '> 999' : factor.toFixed(factor >= 100 ? 1 : factor >= 10 ? 2 : 4)
}

/** What the state means for this loan. */
export function loanSentence(state: LoanState, { factor, short, take, protocol }: Facts): string {
  const at = `Health factor ${formatFactor(factor)}`
  switch (state) {
    case 'no-debt':
      return 'Nothing is owed: no price liquidates it.'
    case 'healthy':
      return `${at}: backing covers the debt, nobody may liquidate.`
    case 'liquidatable':
      return `${at}: liquidatable. No single oracle shows these prices, so what a liquidator would do is not said.`
    case 'liquidatable-part':
      return `${at}: hard liquidation; anyone may repay ${formatShare(take?.part)} of the debt at once, not more.`
    case 'liquidatable-whole':
      return `${at}: hard liquidation; anyone may repay the whole debt at once.`
    case 'absorbable':
      return `${at}: the protocol takes all collateral and pays the debt out of its reserves; what it took is then for sale.`
    case 'under-water':
      return `${at}: the collateral is worth ${formatUsd(short)} less than the debt${protocol === 'compound-v3' ? '; reserves bear it' : ', which nobody covers'}.`
    case 'stuck':
      return `${at}: liquidatable, but no liquidation is accepted now.`
  }
}

/** Whether a protocol liquidates at once (hard) or step by step as the price moves (soft), in a sentence. */
export function hardnessWords(mechanism: string): string {
  if (mechanism.startsWith('aave'))
    return 'Hard: nothing happens above a health factor of 1. Below it anyone may repay up to half of the debt, and all of it below 0.95 or when the loan is small, and takes collateral with a bonus.'
  if (mechanism === 'morpho-blue')
    return 'Hard: nothing happens within the LLTV. Beyond it anyone may repay the whole debt and takes collateral with the market’s incentive; what no collateral covers is taken from the suppliers at once.'
  if (mechanism === 'compound-v3')
    return 'Hard, in two steps: the protocol absorbs the whole account, then sells its collateral at a discount while reserves are below target.'
  return ''
}

/** Why another shock of the same book answers differently: how much of the debt moves with the shocked asset. */
export function compareWords(
  first: LendingShock,
  second: LendingShock,
  debts: readonly { readonly asset: string; readonly usd: number }[],
  follows: ReadonlyMap<string, string>,
): string | undefined {
  const market = [first, second].find(({ kind }) => kind === 'market')
  if (!market || !('asset' in market)) return undefined
  const whole = debts.reduce((sum, { usd }) => sum + usd, 0)
  if (whole <= 0) return undefined
  const moving = debts.filter(({ asset }) => isOrFollows(asset, market.asset, follows))
  const part = moving.reduce((sum, { usd }) => sum + usd, 0) / whole
  return `${formatShare(part)} of the debt is owed in ${market.asset} or what follows it: under ${shockText(market)} that debt moves too.`
}
