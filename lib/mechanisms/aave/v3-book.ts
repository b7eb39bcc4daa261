/** The rule books of Aave v3.3 to v3.7 as mechanisms. */
import { revert } from '../solidity.ts'
import type { AaveBook, AaveMoved, AavePair, AaveUserAction } from './action.ts'
import { aaveMechanism, amountOf } from './mechanism.ts'
import { bestPair, type PairMarket } from './pairs.ts'
import type { AaveAccount, AavePosition, AaveReserve, AaveState } from './state.ts'
import { type AaveAccountData, type At, accountData } from './v3-account.ts'
import { borrow, repay, setCollateral, setEMode, supply, withdraw } from './v3-actions.ts'
import { accruedAt } from './v3-interest.ts'
import { type AaveLiquidationCall, liquidationCall, termsOf } from './v3-liquidate.ts'
import { AAVE_V33, AAVE_V34, AAVE_V35, AAVE_V36, AAVE_V37, type AaveV3Rules } from './v3-rules.ts'
import { liquidationSizes, MIN_LEFTOVER_BASE } from './v3-sizes.ts'
import { EMPTY_REVERT } from './wad-ray.ts'

/** The book of a minor version. */
export function aaveV3Book(rules: AaveV3Rules): AaveBook {
  return {
    ...{ id: rules.id, protocol: 'aave-v3', baseUsd: 1e-8 },
    badPrice: (feed) => revert(EMPTY_REVERT, `${feed} answers no price above zero, and there is no other oracle`),
    act: (state, action, at) => act(rules, state, action, at),
    liquidate: (state, call, at) => liquidate(rules, state, call, at),
    data: (state, account, { price, time }) => accountData(rules, state, account, price, time),
    balancesOf: (reserve, position, time) => balancesOf(rules, reserve, position, time),
    counts: ({ config }) => rules.minor >= 6 || config.liquidationThreshold !== 0n,
    feedOf: (_state, _account, { config }) => config.feed,
    pairs: (state, account, data, at) => pairs(rules, state, account, data, at),
  }
}

/** Books by version. */
export const AAVE_V33_BOOK = aaveV3Book(AAVE_V33)
/** v3.4. */
export const AAVE_V34_BOOK = aaveV3Book(AAVE_V34)
/** v3.5. */
export const AAVE_V35_BOOK = aaveV3Book(AAVE_V35)
/** v3.6. */
export const AAVE_V36_BOOK = aaveV3Book(AAVE_V36)
/** v3.7. */
export const AAVE_V37_BOOK = aaveV3Book(AAVE_V37)

/** Aave v3.3. */
export const aaveV33 = aaveMechanism(AAVE_V33_BOOK)
/** Aave v3.4. */
export const aaveV34 = aaveMechanism(AAVE_V34_BOOK)
/** Aave v3.5. */
export const aaveV35 = aaveMechanism(AAVE_V35_BOOK)
/** Aave v3.6. */
export const aaveV36 = aaveMechanism(AAVE_V36_BOOK)
/** Aave v3.7. */
export const aaveV37 = aaveMechanism(AAVE_V37_BOOK)

const RULES = [AAVE_V33, AAVE_V34, AAVE_V35, AAVE_V36, AAVE_V37]

/**
 * The book of v3.3 and later with another close factor (bps of the whole debt, 1 to 10000), and its mechanism: no contract has it, it shows what a
 * change of the constant would do. `undefined` for books of other versions.
 */
export function aaveWithCloseFactor(id: string, closeFactor: bigint) {
  const rules = RULES.find((one) => one.id === id)
  if (!rules) return undefined
  const book = aaveV3Book({ ...rules, closeFactor })
  return { book, mechanism: aaveMechanism(book) }
}

const paid = (asset: string, amount: bigint): AaveMoved => ({ paid: [amountOf(asset, amount)], received: [] })
const received = (asset: string, amount: bigint): AaveMoved => ({ paid: [], received: [amountOf(asset, amount)] })
const NOTHING: AaveMoved = { paid: [], received: [] }

function act(rules: AaveV3Rules, state: AaveState, action: AaveUserAction, at: At): AaveMoved {
  switch (action.do) {
    case 'supply':
      return paid(action.asset, supply(rules, state, action, at))
    case 'withdraw':
      return received(action.asset, withdraw(rules, state, action, at))
    case 'borrow':
      return received(action.asset, borrow(rules, state, action, at))
    case 'repay':
      return paid(action.asset, repay(rules, state, action, at))
    case 'set-collateral':
      setCollateral(rules, state, action, at)
      return NOTHING
    case 'set-emode':
      setEMode(rules, state, action, at)
      return NOTHING
  }
}

function liquidate(rules: AaveV3Rules, state: AaveState, call: AaveLiquidationCall, at: At): AaveMoved {
  const { deficits, ...moved } = liquidationCall(rules, state, call, at)
  return {
    paid: [amountOf(call.debt, moved.repaid)],
    received: call.receiveAToken ? [] : [amountOf(call.collateral, moved.toLiquidator)],
    ...{ moved, deficits },
  }
}

function balancesOf(rules: AaveV3Rules, stored: AaveReserve, position: AavePosition, time: bigint) {
  const { liquidityIndex, variableBorrowIndex } = accruedAt(rules, stored, time)
  return {
    collateral: rules.supplied(position.scaledCollateral, liquidityIndex),
    debt: rules.owed(position.scaledDebt, variableBorrowIndex),
  }
}

function flagged(state: AaveState, account: AaveAccount): readonly AaveReserve[] {
  return [...state.reserves.values()].filter(({ config }) => {
    const position = account.positions.get(config.asset)
    return position !== undefined && (position.usedAsCollateral || position.borrowing)
  })
}

/** The best cover for each pair: everything, or as much as leaves $1,000 on a side, or as the pool can pay out. */
function pairs(
  rules: AaveV3Rules,
  state: AaveState,
  account: AaveAccount,
  data: AaveAccountData,
  at: At,
): readonly AavePair[] {
  const reserves = flagged(state, account).map((stored) => accruedAt(rules, stored, at.time))
  const found: AavePair[] = []
  for (const debt of reserves)
    for (const collateral of reserves) {
      if (!account.positions.get(debt.config.asset)?.borrowing) continue
      if (!account.positions.get(collateral.config.asset)?.usedAsCollateral) continue
      const terms = termsOf(rules, state, account, { debt, collateral }, data, at)
      const market: PairMarket = { collateral, debt, terms, least: MIN_LEFTOVER_BASE }
      const best = bestPair(market, (cover) => liquidationSizes(rules, terms, cover))
      if (best) found.push(best)
    }
  return found
}
