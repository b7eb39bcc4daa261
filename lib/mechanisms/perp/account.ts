/**
 * A cross account: many positions on one wallet, or on haircut collateral of many coins (Binance multi-assets mode, Bybit unified, OKX
 * multi-currency margin). Money is dollars, or the settle currency where all positions settle in one.
 */
import { breakwaterError } from '../../model/index.ts'
import { checkAmount, checkPosition } from './leg.ts'
import { crossLiquidationPrices, type MarkedPosition } from './liquidation-price.ts'
import { maintenanceAt, notionalAt, unrealisedAt } from './margin.ts'
import type { CollateralHaircut, ProfileMarket } from './profile.ts'

/** An amount of a coin as margin: `amount` coins (may be negative: borrowed) at `price` money per coin. */
export type Collateral = { readonly coin: string; readonly amount: number; readonly price: number }

/** One position: its market, itself, its mark price (quote per coin) and the leverage chosen. */
export type AccountPosition = MarkedPosition & {
  readonly contract: Pick<ProfileMarket, 'symbol' | 'payoff' | 'maintenance'>
  readonly leverage: number
  /** Money per unit of the contract's settle currency; 1 unless the account counts dollars and the contract settles in coin. */
  readonly settlePrice?: number | undefined
}

/** An account: collateral and positions. */
export type CrossAccount = {
  readonly collateral: readonly Collateral[]
  readonly positions: readonly AccountPosition[]
}

/** What an account stands on, all money. `free` = equity − initial; liquidatable when equity < maintenance. */
export type AccountMargin = {
  /** Collateral after haircuts. */
  readonly collateral: number
  readonly unrealised: number
  readonly equity: number
  readonly maintenance: number
  readonly initial: number
  readonly notional: number
  readonly ratio: number
}

/**
 * What an amount counts as margin: value in brackets, each at its ratio; a debt counts in full. `haircuts` undefined: everything at 1.
 * A coin that is not listed counts nothing (its debts do). Throws `bad-position` for prices that are not above 0.
 */
export function collateralValue(
  { coin, amount, price }: Collateral,
  haircuts: readonly CollateralHaircut[] | undefined,
): number {
  const value = amount * checkAmount(`price of ${coin}`, price)
  if (!Number.isFinite(amount))
    throw breakwaterError('bad-position', `the amount of ${coin} is ${amount}; it must be a finite number`, {
      coin,
      amount,
    })
  if (haircuts === undefined || value <= 0) return value
  let counted = 0
  let from = 0
  for (const { upTo, ratio } of haircuts.find((one) => one.coin === coin)?.brackets ?? []) {
    if (value <= from) break
    counted += (Math.min(value, upTo) - from) * ratio
    from = upTo
  }
  return counted
}

/** Margin of the whole account at the marks of its positions. */
export function accountMargin(
  account: CrossAccount,
  haircuts?: readonly CollateralHaircut[] | undefined,
): AccountMargin {
  const collateral = account.collateral.reduce((sum, one) => sum + collateralValue(one, haircuts), 0)
  let [unrealised, maintenance, initial, notional] = [0, 0, 0, 0]
  for (const { contract, position, mark, leverage, settlePrice = 1 } of account.positions) {
    checkPosition(position)
    const value = notionalAt(contract, position, mark) * settlePrice
    unrealised += unrealisedAt(contract, position, mark) * settlePrice
    maintenance += maintenanceAt(contract, position, mark).margin * settlePrice
    initial += value / checkAmount('leverage', leverage)
    notional += value
  }
  const equity = collateral + unrealised
  const ratio = equity > 0 ? maintenance / equity : Number.POSITIVE_INFINITY
  return { collateral, unrealised, equity, maintenance, initial, notional, ratio }
}

/**
 * Liquidation prices of a position (or of both legs of hedge mode in its market) with all other marks, and the prices of collateral, held still.
 * `at` is its place in `positions`. Two legs of one symbol are solved together.
 */
export function accountLiquidationPrices(
  account: CrossAccount,
  at: number,
  haircuts?: readonly CollateralHaircut[] | undefined,
): { readonly below: number | undefined; readonly above: number | undefined } {
  const chosen = account.positions[at]
  if (!chosen)
    throw breakwaterError('bad-position', `there is no position ${at} of ${account.positions.length}`, { at })
  const { symbol } = chosen.contract
  const legs = account.positions.filter(({ contract }) => contract.symbol === symbol)
  const others = account.positions.filter(({ contract }) => contract.symbol !== symbol)
  const rest = accountMargin({ collateral: account.collateral, positions: others }, haircuts)
  return crossLiquidationPrices(legs, (rest.equity - rest.maintenance) / (chosen.settlePrice ?? 1))
}

/**
 * What may leave the account: equity − max(initial margin, `floor` · notional), at least 0. `floor` is Hyperliquid's 0.1 since March 2025
 * (documentation, "margining"); 0 elsewhere.
 */
export function withdrawable({ equity, initial, notional }: AccountMargin, floor = 0): number {
  return Math.max(0, equity - Math.max(initial, floor * notional))
}
