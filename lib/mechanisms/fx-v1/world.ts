/** Random worlds of f(x) v1: a treasury whose base falls and rises through all four lines, with minters, redeemers, a rebalance pool and settlements. */
import type { FeedAnswer, Moment, Prng, UnixSeconds } from '../../model/index.ts'
import type { World } from '../conformance.ts'
import { fxV1 } from './mechanism.ts'
import { WAD } from './rules.ts'
import { emptyFxV1, FX_V1_TERMS, type FxV1Action, type FxV1State } from './state.ts'

const PEOPLE = ['ann', 'bob', 'cid'] as const

/** A world of its own for every generator. */
export function fxV1World(chance: Prng): World<FxV1State, FxV1Action> {
  let price = 2_000
  const momentOf = (time: number): Moment => {
    const jump = chance.next() < 0.1 ? 0.15 * chance.normal() : 0
    price = Math.max(400, Math.min(8_000, price * Math.exp(0.04 * chance.normal() + jump)))
    const answer = (BigInt(Math.round(price * 1e9)) * 10n ** 9n) as FeedAnswer
    const silent = chance.next() < 0.01
    return { time: time as UnixSeconds, price: (feed) => (feed === 'base/usd' && !silent ? answer : undefined) }
  }
  const terms = {
    ...FX_V1_TERMS,
    beta: chance.pick([0n, WAD / 10n]),
    poolLine: chance.pick([FX_V1_TERMS.lines.liquidation, FX_V1_TERMS.lines.stability]),
    underWater: chance.pick(['stops', 'shares'] as const),
    initialPart: (WAD * BigInt(50 + chance.int(25))) / 100n,
  }
  return {
    state: emptyFxV1(terms, 'base/usd', 2_000n * WAD),
    at: momentOf(1_700_000_000),
    next: (now, { time }) => ({ action: actionOf(now, chance), at: momentOf(time + 1 + chance.int(100_000)) }),
    attacks: () => [
      { do: 'liquidate', fToken: 1n },
      { do: 'liquidate', fToken: 10n ** 30n },
    ],
    // Whoever burns an atom of f may cost the others a whole one by rounding.
    toxic: (now, target, at) => (fxV1.assess(now, target, at)?.required ?? 0n) < 10n ** 12n,
    audit: auditOf,
  }
}

function actionOf(state: FxV1State, chance: Prng): FxV1Action {
  const { book } = state
  const part = (amount: bigint, most = 200) => (amount * BigInt(1 + chance.int(most))) / 1_000n
  const by = chance.pick(PEOPLE)
  const base = BigInt(Math.floor(1e18 * 10 ** (chance.next() * 3)))
  const held = book.fSupply - book.poolF
  const depositor = state.depositors.get(by)
  if (book.base === 0n) return { do: 'init', base: base + WAD }
  const dice = chance.int(36)
  if (dice < 5) return { do: 'mint-f', base }
  if (dice < 9) return { do: 'mint-x', base: part(book.base) }
  if (dice < 11) return { do: 'add-base', base: part(book.base) }
  if (dice < 15) return { do: 'redeem-f', fToken: part(held) }
  if (dice < 18) return { do: 'redeem-x', xToken: part(book.xSupply, 400) }
  if (dice < 21) return { do: 'liquidate', fToken: part(held) }
  if (dice < 22) return { do: 'self-liquidate', fToken: part(held) }
  if (dice < 25) return { do: 'pool-deposit', by, fToken: part(held) }
  if (dice < 27) return { do: 'pool-withdraw', by, shares: part(depositor?.shares ?? 1n, 1_000) }
  if (dice < 28) return { do: 'pool-claim', by }
  if (dice < 31) return { do: 'pool-liquidate', most: chance.next() < 0.5 ? undefined : part(book.poolF) }
  if (dice < 33) return { do: 'settle' }
  if (dice < 34) return { do: 'fund-reserve', base: part(base) }
  if (dice < 35) return { do: 'recapitalise', base: part(book.base) }
  return { do: 'set-terms', terms: { bonus: WAD / BigInt(10 + chance.int(90)) } }
}

function auditOf({ book, depositors }: FxV1State): string | undefined {
  const shares = [...depositors.values()].reduce((sum, one) => sum + (one.epoch === book.epoch ? one.shares : 0n), 0n)
  if (shares !== book.poolShares) return `depositors have ${shares} shares, the pool ${book.poolShares}`
  if (book.poolF > book.fSupply) return 'the pool has more f than was issued'
  for (const [name, value] of Object.entries(book)) if (value < 0) return `${name} is ${value}`
  return undefined
}
