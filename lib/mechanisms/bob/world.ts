/** Random worlds of BOB vaults: bitcoin wanders, borrowers come near their line, authorisations run out, claims are disputed. */
import type { FeedAnswer, Moment, Prng, UnixSeconds } from '../../model/index.ts'
import type { World } from '../conformance.ts'
import { type BobAction, type BobState, bob, bobState } from './mechanism.ts'
import { WAD } from './rules.ts'

const VAULTS = ['ann', 'bob', 'cid', 'dot'] as const
const PERCENT = WAD / 100n

/** A world of its own for every generator. */
export function bobWorld(chance: Prng): World<BobState, BobAction> {
  const target = BigInt(60 + chance.int(15))
  const terms = {
    ...{ targetLtv: target * PERCENT, liquidationLtv: (target + 5n + BigInt(chance.int(12))) * PERCENT },
    ...{ bonus: BigInt(2 + chance.int(8)) * PERCENT, ratePerSecond: BigInt(chance.int(3)) * 10n ** 9n },
    fastSeconds: chance.next() < 0.6 ? BigInt(600 + chance.int(3_000)) : undefined,
    ...{ assertSeconds: 86_400n, challengeSeconds: 7n * 86_400n },
  }
  let price = 60_000
  const momentOf = (time: number): Moment => {
    price = Math.max(5_000, Math.min(200_000, price * Math.exp(0.12 * chance.normal())))
    const answer = BigInt(Math.round(price * 1e8)) as FeedAnswer
    return { time: time as UnixSeconds, price: (feed) => (feed === 'BTC/USD' ? answer : undefined) }
  }
  return {
    state: bobState(terms, 'BTC/USD', 1_700_000_000n),
    at: momentOf(1_700_000_000),
    next: (state, { time }) => ({ action: actionOf(state, chance, price), at: momentOf(time + chance.int(100_000)) }),
    attacks: (_state, vault) => [
      { do: 'liquidate', vault, liquidator: 'lin', repay: WAD },
      { do: 'liquidate', vault, liquidator: 'lin', repay: 10n ** 30n, path: 'slow' },
    ],
    toxic: (state, vault, at) => {
      const health = bob.assess(state, vault, at)
      const borne = (state.terms.liquidationLtv * (WAD + state.terms.bonus)) / WAD
      return health === undefined || health.backing < 10n ** 15n || health.backing * WAD < health.required * borne
    },
  }
}

function actionOf(state: BobState, chance: Prng, price: number): BobAction {
  const vault = chance.pick(VAULTS)
  const sats = BigInt(Math.floor(10 ** (4 + chance.next() * 6)))
  const held = state.vaults.get(vault)
  const dice = chance.int(12)
  if (dice < 2 || !held) return { do: 'lock', vault, amount: sats }
  if (dice < 6) {
    const value = Number(held.locked + held.bridged) * price * 1e10
    return { do: 'borrow', vault, amount: BigInt(Math.floor(value * 0.75 * chance.next())) }
  }
  if (dice < 7) return { do: 'repay', vault, amount: BigInt(Math.floor(1e18 * 10 ** (chance.next() * 5))) }
  if (dice < 8) return { do: 'unlock', vault, amount: sats }
  if (dice < 9)
    return chance.next() < 0.7
      ? { do: 'authorise', vault, until: state.updated + BigInt(chance.int(400_000)) }
      : { do: 'revoke', vault }
  const claim = [...state.claims.keys()][0]
  if (dice < 11 && claim) return { do: chance.pick(['settle', 'settle', 'dispute'] as const), claim }
  return { do: 'liquidate', vault, liquidator: 'lin', repay: BigInt(Math.floor(1e18 * 10 ** (chance.next() * 7))) }
}
