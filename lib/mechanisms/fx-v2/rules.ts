/**
 * f(x) v2: positions of one collateral that owe fxUSD and may be rebalanced before they are liquidated.
 *
 * - debt ratio = debt / (collateral · price). From 88 % on anybody repays debt until it is 88 % again, for a bonus of 2.5 %; from 95 % on (92 % in the
 *   contracts' tests) the whole debt is repaid for a bonus of 4 to 5 %.
 * - What is repaid: x = (D − T·p·C) / (1 − T·(1 + b)); collateral out x·(1 + b)/p.
 * - A shortfall of bonus or debt is drawn from the reserve pool; debt that is still left is spread over all other positions by the debt index.
 * - Raw amounts have 18 decimals and the collateral's yield in them; tokens = raw / (rate · scalar). Amounts of shares: raw collateral = shares · 2^96 /
 *   collateral index, raw debt = shares · debt index / 2^96; both indexes start at 2^96 and only grow (the debt index falls when debt is donated away).
 *
 * Ratios in wad, bonuses and fees in 1e-9, prices USD per unit in wad. Positions, debts and collateral in atoms.
 * Sources: AladdinDAO/fx-protocol-contracts@5e198e9 `contracts/core/pool/{BasePool,PositionLogic,AaveFundingPool}.sol`, `contracts/core/{PoolManager,
 * PoolConfiguration}.sol`; single positions as in @59551db (until March 2025).
 */
import { add, div, min, mul, sub } from '../solidity.ts'
import { E96 } from './tick-math.ts'

export { E96, MAX_TICK, NO_TICK, ratioAtTick, tickAtRatioDown, tickOfUp } from './tick-math.ts'

/** 1.0 of ratios and prices. */
export const WAD = 10n ** 18n
/** 1.0 of bonuses and fees. */
export const FEE = 10n ** 9n
/** Least raw collateral or debt of one change. */
export const MIN_AMOUNT = 10n ** 9n
/** Least fxUSD that a redemption asks for, and that a rebalance or liquidation may use. */
export const MIN_REDEEM = 100n * WAD
/** See {@link MIN_REDEEM}. */
export const MIN_FORCED = WAD
const YEAR = 365n * 86_400n
/** An interest rate is measured over at least half an hour. */
export const MIN_SNAPSHOT_DELAY = 1_800n

/** Shares of raw collateral, rounded down. */
export const collSharesDown = (raw: bigint, index: bigint) => mul(raw, index) / E96
/** Shares of raw collateral, rounded up. */
export const collSharesUp = (raw: bigint, index: bigint) => (mul(raw, index) + E96 - 1n) / E96
/** Shares of raw debt, rounded down. */
export const debtSharesDown = (raw: bigint, index: bigint) => div(mul(raw, E96), index)
/** Shares of raw debt, rounded up. */
export const debtSharesUp = (raw: bigint, index: bigint) => div(mul(raw, E96) + index - 1n, index)
/** Raw collateral of shares, rounded down. */
export const rawCollDown = (shares: bigint, index: bigint) => div(mul(shares, E96), index)
/** Raw debt of shares, rounded down. */
export const rawDebtDown = (shares: bigint, index: bigint) => mul(shares, index) / E96
/** Raw debt of shares, rounded up. */
export const rawDebtUp = (shares: bigint, index: bigint) => (mul(shares, index) + E96 - 1n) / E96

/** Raw amount of tokens (or of negative tokens), towards zero. `scale`: rate · scalar, wad. */
export const scaleUp = (tokens: bigint, scale: bigint) => (tokens * scale) / WAD
/** Tokens of a raw amount (or a negative one), towards zero. */
export const scaleDown = (raw: bigint, scale: bigint) => (scale === 0n ? div(raw, scale) : (raw * WAD) / scale)
/** Tokens of a raw amount, rounded up. */
export const scaleDownUp = (raw: bigint, scale: bigint) => div(raw * WAD + scale - 1n, scale)

/** What a tick or a position has and owes, raw, and the price of the moment. */
export type FxV2Side = { readonly rawColl: bigint; readonly rawDebt: bigint; readonly price: bigint }

/** True from a debt ratio (wad) on: the contract's own comparison, without a division. */
export function reaches({ rawColl, rawDebt, price }: FxV2Side, ratio: bigint): boolean {
  return rawDebt * WAD * WAD >= ratio * rawColl * price
}

/** Debt ratio in wad, rounded down; `undefined` where collateral is worth nothing. */
export function debtRatioDown({ rawColl, rawDebt, price }: FxV2Side): bigint | undefined {
  return rawColl === 0n || price === 0n ? undefined : (rawDebt * WAD * WAD) / (price * rawColl)
}

/** Which of the two lines a side has reached. */
export type FxV2Stage = 'safe' | 'rebalance' | 'liquidate'

/** The stage of a side at two lines (wad). Without debt it is safe, whatever the price. */
export function stageOf(
  side: FxV2Side,
  lines: { readonly rebalanceRatio: bigint; readonly liquidateRatio: bigint },
): FxV2Stage {
  if (side.rawDebt === 0n) return 'safe'
  if (reaches(side, lines.liquidateRatio)) return 'liquidate'
  return reaches(side, lines.rebalanceRatio) ? 'rebalance' : 'safe'
}

/** Debt whose repayment with bonus brings the ratio back to the target, rounded down. Reverts below the target and where the bonus forbids it. */
export function debtToRebalanceDown({ rawColl, rawDebt, price }: FxV2Side, ratio: bigint, bonus: bigint): bigint {
  const excess = sub(rawDebt * WAD * WAD, ratio * price * rawColl)
  return div(excess, sub(WAD * WAD, (WAD * ratio * (FEE + bonus)) / FEE))
}

/** What a rebalance repays and takes, raw; the bonus comes on top of the collateral. */
export type FxV2Rebalance = { readonly rawDebt: bigint; readonly rawColl: bigint; readonly bonus: bigint }

/** A rebalance of at most `most` debt. */
export function rebalanceOf(side: FxV2Side, ratio: bigint, bonus: bigint, most: bigint): FxV2Rebalance {
  const rawDebt = min(debtToRebalanceDown(side, ratio, bonus), most)
  const rawColl = div(rawDebt * WAD, side.price)
  return { rawDebt, rawColl, bonus: min((rawColl * bonus) / FEE, sub(side.rawColl, rawColl)) }
}

/** Shares of a tick or position beside its raw amounts, and the indexes they were converted with. */
export type FxV2Shares = FxV2Side & {
  readonly colls: bigint
  readonly debts: bigint
  readonly collIndex: bigint
  readonly debtIndex: bigint
}

/** What a liquidation repays and takes, raw, what it draws from the reserve, which shares go, and the raw debt that is left to be spread. */
export type FxV2Liquidation = FxV2Rebalance & {
  readonly fromReserve: bigint
  readonly colls: bigint
  readonly debts: bigint
  readonly spread: bigint
}

/** A liquidation of a whole tick, as since March 2025: the reserve covers missing collateral and then the bonus. */
export function liquidationOfTick(side: FxV2Shares, bonus: bigint, most: bigint, reserve: bigint): FxV2Liquidation {
  const together = side.rawColl + reserve
  let rawDebt = min(side.rawDebt, most)
  let rawColl = div(rawDebt * WAD, side.price)
  let debts = rawDebt === side.rawDebt ? side.debts : debtSharesDown(rawDebt, side.debtIndex)
  let [colls, extra, fromReserve] = [side.colls, 0n, 0n]
  if (together <= rawColl) {
    rawColl = together
    fromReserve = reserve
    rawDebt = (together * side.price) / WAD
    debts = debtSharesDown(rawDebt, side.debtIndex)
  } else {
    const whole = min(rawColl + (rawColl * bonus) / FEE, together)
    extra = whole - rawColl
    if (whole >= side.rawColl) fromReserve = whole - side.rawColl
    else colls = collSharesDown(whole, side.collIndex)
  }
  return { rawDebt, rawColl, bonus: extra, fromReserve, ...spreadOf(side, colls, debts) }
}

/** A liquidation of one position, as until March 2025: the reserve covers the bonus only. */
export function liquidationOfPosition(side: FxV2Shares, bonus: bigint, most: bigint, reserve: bigint): FxV2Liquidation {
  const sharesOf = (raw: bigint) => (raw === side.rawDebt ? side.debts : debtSharesDown(raw, side.debtIndex))
  let rawDebt = min(side.rawDebt, most)
  let rawColl = div(rawDebt * WAD, side.price)
  if (side.rawColl < rawColl) {
    rawColl = side.rawColl
    rawDebt = min((rawColl * side.price) / WAD, side.rawDebt)
  }
  let [extra, fromReserve] = [(rawColl * bonus) / FEE, 0n]
  const left = side.rawColl - rawColl
  if (extra > left) {
    fromReserve = min(extra - left, reserve)
    extra = left + fromReserve
  }
  const all = extra >= left
  const colls = all ? side.colls : collSharesDown(rawColl + extra, side.collIndex)
  return { rawDebt, rawColl, bonus: extra, fromReserve, ...spreadOf(side, colls, sharesOf(rawDebt)) }
}

/** Debt shares without a collateral share left go to the others: all debt shares leave, and their raw rest is spread. */
function spreadOf(side: FxV2Shares, colls: bigint, debts: bigint) {
  if (colls !== side.colls || debts >= side.debts) return { colls, debts, spread: 0n }
  return { colls, debts: side.debts, spread: rawDebtDown(side.debts - debts, side.debtIndex) }
}

/** The debt index after raw debt was spread over the remaining shares, rounded down. Reverts when nobody is left to bear it. */
export function spreadIndexDown(debtIndex: bigint, spread: bigint, debtShares: bigint): bigint {
  return add(debtIndex, div(mul(spread, E96), debtShares))
}

/** The collateral index after funding at a rate (wad a year) for some seconds: collateral shrinks for all positions alike. Rounded down. */
export function fundedIndexDown(collIndex: bigint, collShares: bigint, rate: bigint, seconds: bigint): bigint {
  if (rate === 0n || seconds === 0n) return collIndex
  const raw = rawCollDown(collShares, collIndex)
  return div(mul(collIndex, raw), sub(raw, (raw * rate * seconds) / (WAD * YEAR)))
}

/** Average interest a year (wad) between two states of a borrow index; the last known one within half an hour or when nothing moved. */
export function averageRateDown(
  snapshot: { readonly index: bigint; readonly rate: bigint; readonly time: bigint },
  index: bigint,
  time: bigint,
): bigint {
  const seconds = time - snapshot.time
  if (seconds < MIN_SNAPSHOT_DELAY) return snapshot.rate
  const rate = div(sub(index, snapshot.index) * YEAR * WAD, snapshot.index * seconds)
  return rate === 0n ? snapshot.rate : rate
}

/** Price change (a fraction, negative) at which a position opened with a leverage reaches a debt ratio. Float64, for tables. */
export function fallToRatio(leverage: number, ratio: number): number {
  return (leverage - 1) / leverage / ratio - 1
}
