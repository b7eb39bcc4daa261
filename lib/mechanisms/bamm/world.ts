/** Random worlds of BAMM: a pair that trades, lenders, borrowers near their line, long waits in which interest does what no price can. */
import type { FeedAnswer, Moment, Prng, UnixSeconds } from '../../model/index.ts'
import type { World } from '../conformance.ts'
import { type BammAction, type BammState, bamm, bammState } from './mechanism.ts'
import { BAMM_RATE_TERMS, FULL_LIQUIDATION_LTV, ltvDown, sqrtDown, WAD } from './rules.ts'

const VAULTS = ['ann', 'bob', 'cid'] as const

/** A world of its own for every generator. */
export function bammWorld(chance: Prng): World<BammState, BammAction> {
  const reserve0 = BigInt(Math.floor(1e6 * 10 ** (3 * chance.next()))) * 10n ** 15n
  const reserve1 = BigInt(Math.floor(1e6 * 10 ** (3 * chance.next()))) * 10n ** 15n
  const supply = sqrtDown(reserve0 * reserve1)
  const state = bammState(
    { reserve0, reserve1, supply, kept: 9_970n },
    BAMM_RATE_TERMS,
    'average',
    2_000n,
    1_700_000_000n,
  )
  // The average follows the pair; now and then it lags behind and liquidations have to wait.
  const momentOf = (time: number): Moment => {
    const lag = chance.next() < 0.1 ? 130n : 100n
    const answer = (((state.pair.reserve0 * WAD) / state.pair.reserve1) * lag) / 100n
    return { time: time as UnixSeconds, price: (feed) => (feed === 'average' ? (answer as FeedAnswer) : undefined) }
  }
  return {
    state,
    at: momentOf(1_700_000_000),
    next: (now, { time }) => {
      const wait = chance.int(chance.pick([20_000, 20_000, 20_000, 40 * 86_400, 400 * 86_400]))
      return { action: actionOf(now, chance), at: momentOf(time + wait) }
    },
    attacks: (_state, vault) => [{ do: 'micro-liquidate', vault }],
    toxic: (now, target, at) => {
      const vault = now.vaults.get(target)
      const health = bamm.assess(now, target, at)
      if (!vault || !health) return false
      // Above 99 % the fee of 1 % takes more than the repayment brings; dust loses whole atoms to rounding.
      return (
        health.required * WAD >= (health.equity + health.required) * (FULL_LIQUIDATION_LTV - WAD / 1_000n) ||
        health.required < 10n ** 9n
      )
    },
    audit: (now) => auditOf(now),
  }
}

function actionOf(state: BammState, chance: Prng): BammAction {
  const vault = chance.pick(VAULTS)
  const held = state.vaults.get(vault)
  const part = (amount: bigint, most = 100) => (amount * BigInt(1 + chance.int(most))) / 1_000n
  const { reserve0, reserve1, supply } = state.pair
  const dice = chance.int(20)
  if (state.lp < supply / 10n || dice < 2) return { do: 'lend', account: 'len', lp: part(supply, 200) }
  if (dice < 3) return { do: 'add-liquidity', token0: part(reserve0), token1: part(reserve1) }
  if (dice < 6) {
    const zeroForOne = chance.next() < 0.5
    return { do: 'swap', zeroForOne, amountIn: part(zeroForOne ? reserve0 : reserve1, 60) }
  }
  if (dice < 7) return { do: 'redeem', account: 'len', shares: part(state.lenders.get('len') ?? 1n) }
  if (!held || held.rented === 0n) return open(state, vault, chance)
  if (dice < 10) return { do: 'adjust', vault, rent: part(state.lp, 300) }
  if (dice < 12) return { do: 'adjust', vault, rent: -part(held.rented, 500) }
  if (dice < 15) return { do: 'adjust', vault, token0: -part(held.token0, 200), token1: -part(held.token1, 200) }
  if (dice < 16) return { do: 'adjust', vault, swap: { zeroForOne: true, amountIn: part(held.token0, 300) } }
  if (dice < 17) return { do: 'close', vault }
  return { do: 'micro-liquidate', vault }
}

/** Opens close to the line: the deposit is a few percent of what is rented. */
function open({ lp, pair, multiplier }: BammState, vault: string, chance: Prng): BammAction {
  const rent = (lp * BigInt(1 + chance.int(300)) * WAD) / 1_000n / multiplier
  const own = BigInt(21 + chance.int(60))
  const [token0, token1] = [(pair.reserve0 * rent) / pair.supply, (pair.reserve1 * rent) / pair.supply]
  return { do: 'adjust', vault, rent, token0: (token0 * own) / 1_000n, token1: (token1 * own) / 1_000n }
}

function auditOf(state: BammState): string | undefined {
  let rented = 0n
  for (const vault of state.vaults.values()) {
    rented += vault.rented
    if (vault.rented > 0n && ltvDown(vault, state.multiplier) === 0n) return 'a vault owes and has an LTV of zero'
  }
  return rented === state.rented ? undefined : `vaults rent ${rented}, the total says ${state.rented}`
}
