/** The hard side of the comparison: an Aave v3.6 pool without interest that lends a stablecoin against one collateral. */
import { AAVE_V36_BOOK, type AaveAction, type AaveReserve, type AaveState, aaveV36 } from '../../mechanisms/index.ts'
import { breakwaterError, type FeedAnswer, fixedToNumber, type Moment, type UnixSeconds } from '../../model/index.ts'
import { toWad } from '../agents/llamma-arbitrageur.ts'
import type { ComparedBook, ComparedBorrower, PathPrice } from './run.ts'

/** Terms of the pool in basis points; mainnet's ETH has 8,050, 8,300 and a bonus of 500, of which the protocol takes 1,000 (10 %). */
export type AaveBookTerms = {
  readonly ltv: number
  readonly liquidationThreshold: number
  readonly bonus: number
  readonly protocolFee: number
}

const RAY = 10n ** 27n
const [WETH, USD] = ['WETH', 'USDX'] as const

/** The book with all loans opened at the first price. Throws `bad-scenario` for a borrower whom the pool refuses. */
export function aaveBook(
  borrowers: readonly ComparedBorrower[],
  first: PathPrice,
  terms: AaveBookTerms,
): ComparedBook<AaveState, AaveAction> {
  const state: AaveState = {
    reserves: new Map([WETH, USD].map((asset) => [asset, reserveOf(asset, terms, BigInt(first.time))])),
    ...{ eModes: new Map(), accounts: new Map(), treasury: 'treasury' },
  }
  const act = (action: AaveAction) => {
    const done = aaveV36.apply(state, action, momentOf(first))
    if ('refused' in done)
      throw breakwaterError('bad-scenario', `Aave refuses: ${done.refused.code} ${done.refused.message}`, {})
  }
  const lent = borrowers.reduce((sum, { debt }) => sum + debt, 0)
  act({ do: 'supply', account: 'lender', asset: USD, amount: toWad(2 * lent) })
  for (const { account, collateral, debt } of borrowers) {
    act({ do: 'supply', account, asset: WETH, amount: toWad(collateral) })
    act({ do: 'borrow', account, asset: USD, amount: toWad(debt) })
  }
  return {
    ...{ name: 'Aave v3.6', mechanism: aaveV36, state, moment: momentOf },
    target: (account) => account,
    standing: (now, account, at) => ({
      x: 0,
      y: balanceOf(now, account, WETH, at).collateral,
      debt: balanceOf(now, account, USD, at).debt,
    }),
    worth: (amounts, price) =>
      amounts.reduce((sum, one) => sum + fixedToNumber(one.atoms, 18) * (one.asset === WETH ? price : 1), 0),
  }
}

function reserveOf(asset: typeof WETH | typeof USD, terms: AaveBookTerms, updated: bigint): AaveReserve {
  const counts = asset === WETH
  return {
    config: {
      ...{ asset, feed: asset, decimals: 18n, ltv: counts ? BigInt(terms.ltv) : 0n },
      liquidationThreshold: counts ? BigInt(terms.liquidationThreshold) : 0n,
      liquidationBonus: counts ? 10_000n + BigInt(terms.bonus) : 0n,
      ...{ liquidationProtocolFee: BigInt(terms.protocolFee), reserveFactor: 0n },
      ...{ optimalUsage: 9_000n, baseRate: 0n, slope1: 0n, slope2: 0n },
    },
    ...{ liquidityIndex: RAY, liquidityRate: 0n, variableBorrowIndex: RAY, variableBorrowRate: 0n, updated },
    ...{ accruedToTreasury: 0n, deficit: 0n, virtualBalance: 0n, scaledDebt: 0n, paused: false, graceUntil: 0n },
  }
}

function momentOf({ time, price }: PathPrice): Moment {
  const [eth, dollar] = [toWad(price) / 10n ** 10n, 10n ** 8n]
  return { time: time as UnixSeconds, price: (feed) => (feed === WETH ? eth : dollar) as FeedAnswer }
}

function balanceOf(state: AaveState, account: string, asset: string, at: Moment) {
  const reserve = state.reserves.get(asset)
  const position = state.accounts.get(account)?.positions.get(asset)
  const held = reserve && position && AAVE_V36_BOOK.balancesOf(reserve, position, BigInt(at.time))
  return { collateral: fixedToNumber(held?.collateral ?? 0n, 18), debt: fixedToNumber(held?.debt ?? 0n, 18) }
}
