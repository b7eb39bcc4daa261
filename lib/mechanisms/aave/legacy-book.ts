/** The rule books of Aave v2 and v3.0 as mechanisms. */
import type { Refusal } from '../mechanism.ts'
import { revert } from '../solidity.ts'
import type { AaveBook, AaveMoved, AavePair, AaveUserAction } from './action.ts'
import { safeMathWord } from './checked.ts'
import { legacyAccountData, legacyBalances, legacyFeedOf } from './legacy-account.ts'
import type { AaveLegacy } from './legacy-interest.ts'
import { legacyLiquidationCall, legacySizes, legacyTerms } from './legacy-liquidate.ts'
import { aaveMechanism, amountOf } from './mechanism.ts'
import { bestPair } from './pairs.ts'
import type { AaveAccount, AaveState } from './state.ts'
import { borrowV2, depositV2, repayV2, setCollateralV2, withdrawV2 } from './v2-actions.ts'
import { borrowV30, repayV30, setCollateralV30, setEModeV30, supplyV30, withdrawV30 } from './v3-0-actions.ts'
import type { AaveAccountData, At } from './v3-account.ts'
import type { AaveLiquidationCall } from './v3-liquidate.ts'
import { EMPTY_REVERT } from './wad-ray.ts'

const common = (rules: AaveLegacy): Omit<AaveBook, 'id' | 'protocol' | 'badPrice' | 'act'> => ({
  liquidate: (state, call, at) => liquidate(rules, state, call, at),
  data: (state, account, { price, time }) => legacyAccountData(rules, state, account, price, time),
  balancesOf: (reserve, position, time) => legacyBalances(rules, reserve, position, time),
  counts: ({ config }) => config.liquidationThreshold !== 0n,
  feedOf: legacyFeedOf,
  pairs: (state, account, data, at) => pairs(rules, state, account, data, at),
})

/** Aave v2. The oracle's zero is a price: the asset is worth nothing. */
export const AAVE_V2_BOOK: AaveBook = {
  ...{ id: 'aave-v2', protocol: 'aave-v2', badPrice: () => 0n },
  act: (state, action, at) => inV2Words(() => actV2(state, action, at)),
  ...common('v2'),
}

/** Aave v3.0 (core v3 1.19.3), with the stable rates that v3.2 took away. */
export const AAVE_V30_BOOK: AaveBook = {
  ...{ id: 'aave-v3.0', protocol: 'aave-v3', baseUsd: 1e-8 },
  badPrice: (feed) => revert(EMPTY_REVERT, `${feed} answers no price above zero, and there is no other oracle`),
  act: actV30,
  ...common('v3.0'),
}

/** Aave v2. */
export const aaveV2 = aaveMechanism(AAVE_V2_BOOK)
/** Aave v3.0. */
export const aaveV30 = aaveMechanism(AAVE_V30_BOOK)

const paid = (asset: string, amount: bigint): AaveMoved => ({ paid: [amountOf(asset, amount)], received: [] })
const received = (asset: string, amount: bigint): AaveMoved => ({ paid: [], received: [amountOf(asset, amount)] })
const NOTHING: AaveMoved = { paid: [], received: [] }

function actV2(state: AaveState, action: AaveUserAction, at: At): AaveMoved {
  switch (action.do) {
    case 'supply':
      return paid(action.asset, depositV2(state, action, at))
    case 'withdraw':
      return received(action.asset, withdrawV2(state, action, at))
    case 'borrow':
      return received(action.asset, borrowV2(state, action, at))
    case 'repay':
      return paid(action.asset, repayV2(state, action, at))
    case 'set-collateral':
      setCollateralV2(state, action, at)
      return NOTHING
    case 'set-emode':
      return revert(EMPTY_REVERT, 'Aave v2 has no e-mode')
  }
}

/** v2's arithmetic says 48 (overflow) and 50 (division by zero) where v3's assembly says nothing, and SafeMath's words where v3 panics. */
function inV2Words(act: () => AaveMoved): AaveMoved {
  try {
    return act()
  } catch (error) {
    const refused = (error as { refusal?: Refusal }).refusal
    const word = safeMathWord(refused)
    if (word !== undefined) return revert(word)
    const math = refused?.code === EMPTY_REVERT ? refused.values?.['arithmetic'] : undefined
    if (math === undefined) throw error
    return math === 'overflow' ? revert('48', 'MATH_MULTIPLICATION_OVERFLOW') : revert('50', 'MATH_DIVISION_BY_ZERO')
  }
}

function actV30(state: AaveState, action: AaveUserAction, at: At): AaveMoved {
  switch (action.do) {
    case 'supply':
      return paid(action.asset, supplyV30(state, action, at))
    case 'withdraw':
      return received(action.asset, withdrawV30(state, action, at))
    case 'borrow':
      return received(action.asset, borrowV30(state, action, at))
    case 'repay':
      return paid(action.asset, repayV30(state, action, at))
    case 'set-collateral':
      setCollateralV30(state, action, at)
      return NOTHING
    case 'set-emode':
      setEModeV30(state, action, at)
      return NOTHING
  }
}

function liquidate(rules: AaveLegacy, state: AaveState, call: AaveLiquidationCall, at: At): AaveMoved {
  const moved = legacyLiquidationCall(rules, state, call, at)
  return {
    paid: [amountOf(call.debt, moved.repaid)],
    received: call.receiveAToken ? [] : [amountOf(call.collateral, moved.toLiquidator)],
    moved,
  }
}

/** The best cover for each pair: the close factor's, or what the pool can pay out. */
function pairs(
  rules: AaveLegacy,
  state: AaveState,
  account: AaveAccount,
  data: AaveAccountData,
  at: At,
): readonly AavePair[] {
  const found: AavePair[] = []
  for (const debt of state.reserves.values())
    for (const collateral of state.reserves.values()) {
      if (!account.positions.get(debt.config.asset)?.borrowing) continue
      if (!account.positions.get(collateral.config.asset)?.usedAsCollateral) continue
      const terms = legacyTerms(rules, state, account, { debt, collateral }, data, at)
      const market = { collateral, debt, terms, least: 0n }
      const best = bestPair(market, (cover) => legacySizes(rules, terms, cover))
      if (best) found.push(best)
    }
  return found
}
