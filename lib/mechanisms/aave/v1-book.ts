/** The rule book of Aave v1 as a mechanism. Prices in wei; the oracle's zero is a price: the asset is worth nothing. */
import type { Refusal } from '../mechanism.ts'
import { revert } from '../solidity.ts'
import type { AaveBook, AaveMoved, AavePair, AaveUserAction } from './action.ts'
import { safeMathWord } from './checked.ts'
import { aaveMechanism, amountOf } from './mechanism.ts'
import { bestPair } from './pairs.ts'
import type { AaveAccount, AaveState } from './state.ts'
import { borrowV1, depositV1, redeemV1, repayV1, setCollateralV1 } from './v1-actions.ts'
import { liquidateV1, sizesV1, termsV1 } from './v1-liquidate.ts'
import { accountDataV1, aTokensV1, debtV1, v1Terms } from './v1-rules.ts'
import type { AaveAccountData, At } from './v3-account.ts'
import { EMPTY_REVERT } from './wad-ray.ts'

/** Aave v1. */
export const AAVE_V1_BOOK: AaveBook = {
  ...{ id: 'aave-v1', protocol: 'aave-v1', badPrice: () => 0n },
  act: (state, action, at) => inV1Words(() => act(state, action, at)),
  liquidate: (state, call, at) => {
    const moved = liquidateV1(state, call, at)
    return {
      paid: [amountOf(call.debt, moved.repaid)],
      received: call.receiveAToken ? [] : [amountOf(call.collateral, moved.toLiquidator)],
      moved,
    }
  },
  data: accountDataV1,
  balancesOf: (reserve, position, time) => {
    const debt = debtV1(reserve, position, time)
    return { collateral: aTokensV1(reserve, position, time), debt: debt === 0n ? 0n : debt + v1Terms(position).fee }
  },
  counts: ({ config }) => config.liquidationThreshold !== 0n,
  feedOf: (_state, _account, { config }) => config.feed,
  pairs,
}

/** Aave v1. */
export const aaveV1 = aaveMechanism(AAVE_V1_BOOK)

const paid = (asset: string, amount: bigint): AaveMoved => ({ paid: [amountOf(asset, amount)], received: [] })
const received = (asset: string, amount: bigint): AaveMoved => ({ paid: [], received: [amountOf(asset, amount)] })

function act(state: AaveState, action: AaveUserAction, at: At): AaveMoved {
  switch (action.do) {
    case 'supply':
      return paid(action.asset, depositV1(state, action, at))
    case 'withdraw':
      return received(action.asset, redeemV1(state, action, at))
    case 'borrow':
      return received(action.asset, borrowV1(state, action, at))
    case 'repay':
      return paid(action.asset, repayV1(state, action, at))
    case 'set-collateral':
      setCollateralV1(state, action, at)
      return { paid: [], received: [] }
    case 'set-emode':
      return revert(EMPTY_REVERT, 'Aave v1 has no e-mode')
  }
}

/** v1's arithmetic is SafeMath. */
function inV1Words(action: () => AaveMoved): AaveMoved {
  try {
    return action()
  } catch (error) {
    const refused = (error as { refusal?: Refusal }).refusal
    const word = safeMathWord(refused)
    if (word !== undefined) return revert(word)
    const math = refused?.values?.['arithmetic']
    if (math === undefined) throw error
    return revert(math === 'overflow' ? 'SafeMath: multiplication overflow' : 'SafeMath: division by zero')
  }
}

/** The best cover for each pair: half of the debt, or what the pool can pay out. */
function pairs(state: AaveState, account: AaveAccount, data: AaveAccountData, at: At): readonly AavePair[] {
  const found: AavePair[] = []
  for (const debt of state.reserves.values())
    for (const collateral of state.reserves.values()) {
      if (!account.positions.get(debt.config.asset)?.borrowing) continue
      if (!account.positions.get(collateral.config.asset)?.usedAsCollateral) continue
      const terms = termsV1(account, { debt, collateral }, data, at)
      const market = { collateral, debt, terms, least: 0n }
      const best = bestPair(market, (cover) => sizesV1(terms, cover))
      if (best) found.push(best)
    }
  return found
}
