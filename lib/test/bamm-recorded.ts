/** BAMM as it is replayed: outcomes by what its functions return, and every view of the lending contract, its receipts and its pair. */
import { type BammAction, type BammState, type BammVault, bamm, bammRules } from '../mechanisms/index.ts'
import type { Moment } from '../model/index.ts'
import { answer, type Outcome, type Reading, type Replayable, type Value } from './recorded.ts'

/** Vaults, and the lender. */
export const BAMM_VAULTS = ['ann', 'bob', 'cid'] as const
/** See {@link BAMM_VAULTS}. */
export const BAMM_LENDER = 'len'

const EMPTY: BammVault = { token0: 0n, token1: 0n, rented: 0n }
const { MAX_UTILITY_RATE, WAD } = bammRules

/** BAMM, to be replayed. */
export const RECORDED_BAMM: Replayable<BammState, BammAction> = { apply: bamm.apply, outcomeOf, readingsOf }

function outcomeOf(
  action: BammAction,
  { received, moved }: Parameters<Replayable<BammState, BammAction>['outcomeOf']>[1],
  state: BammState,
): Outcome {
  switch (action.do) {
    case 'adjust':
    case 'close':
      return { ...(state.vaults.get(action.vault) ?? EMPTY) }
    case 'micro-liquidate':
      return { fee0: moved?.['fee0'] ?? 0n, fee1: moved?.['fee1'] ?? 0n }
    case 'accrue':
      return { multiplier: state.multiplier }
    default:
      return { out: received?.[0]?.atoms ?? 0n }
  }
}

function readingsOf(state: BammState, at: Moment, step: number): readonly Reading[] {
  const { pair, multiplier, fullRate } = state
  const read = (of: string, name: string, args: Reading['args'], view: () => Value, fields?: readonly number[]) => ({
    ...{ of, name, args, fields, ours: answer(view) },
  })
  const held = (side: 'token0' | 'token1') => () =>
    [...state.vaults.values()].reduce((sum, vault) => sum + vault[side], 0n)
  const seconds = BigInt(at.time) - state.updated
  const utilities = [0n, (WAD * BigInt((step * 37) % 96)) / 100n, MAX_UTILITY_RATE, WAD]
  const [part0, part1] = [pair.reserve0 / BigInt(2 + (step % 13)), pair.reserve1 / BigInt(2 + (step % 7))]
  return [
    read('pair', 'getReserves', [], () => [pair.reserve0, pair.reserve1], [0, 1]),
    read('pair', 'totalSupply', [], () => pair.supply),
    read('pair', 'balanceOf', ['bamm'], () => state.lp),
    read('receipts', 'totalSupply', [], () => state.shares),
    read('receipts', 'balanceOf', [BAMM_LENDER], () => state.lenders.get(BAMM_LENDER) ?? 0n),
    read('bamm', 'sqrtRented', [], () => state.rented),
    read('bamm', 'rentedMultiplier', [], () => multiplier),
    read('bamm', 'fullUtilizationRate', [], () => fullRate),
    read('bamm', 'timeSinceLastInterestPayment', [], () => state.updated),
    read('token0', 'balanceOf', ['bamm'], held('token0')),
    read('token1', 'balanceOf', ['bamm'], held('token1')),
    ...BAMM_VAULTS.flatMap((name) => {
      const vault = state.vaults.get(name) ?? EMPTY
      return [
        read('bamm', 'getUserVault', [name], () => [vault.token0, vault.token1, vault.rented]),
        read('bamm', 'ltv', [name], () => bammRules.ltvDown(vault, multiplier)),
      ]
    }),
    ...utilities.map((utility) =>
      read('bamm', 'previewInterestRate', [utility], () => {
        const scaled = (utility * 100_000n) / MAX_UTILITY_RATE
        return bammRules.bammRate(state.rates, fullRate, scaled, seconds).rate
      }),
    ),
    read('bamm', 'getMaxSell', [part0, part1, pair.reserve0, pair.reserve1], () =>
      bammRules.maxSellDown(part0, part1, pair.reserve0, pair.reserve1),
    ),
  ]
}
