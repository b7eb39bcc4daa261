/** Frax BAMM as a mechanism: the pair and the lending of its liquidity in one state, so that swaps and loans move each other. Rules in `rules.ts`. */
import {
  type AssetAmount,
  type Atoms,
  atoms,
  type Exposure,
  type Fact,
  type Health,
  type Moment,
  type Offer,
} from '../../model/index.ts'
import { type Applied, type Completed, type Mechanism, wasRefused } from '../mechanism.ts'
import { applied, div, ensure, min, mul, PANIC_ARITHMETIC, PANIC_DIVISION, sub, unlessReverted } from '../solidity.ts'
import {
  type BammPair,
  type BammRateTerms,
  type BammVault,
  bammRate,
  burnLp,
  feeOn,
  LIQUIDATION_LTV,
  lessFee,
  liquidationFee,
  ltvDown,
  MAX_UTILITY_RATE,
  MINIMUM_LIQUIDITY,
  mintLp,
  rentAmounts,
  rootOf,
  START_FULL_RATE,
  shareUp,
  sqrtDown,
  swapAndSize,
  swapPair,
  WAD,
} from './rules.ts'

/** Everything. `lp`: LP that lenders lent and nobody rents; `shares`: lenders' receipts; `rented` of all vaults; `updated` unix seconds. */
export type BammState = {
  readonly pair: BammPair
  readonly vaults: Map<string, BammVault>
  readonly lenders: Map<string, bigint>
  readonly rates: BammRateTerms
  /** Feed of the pair's 30-minute average, token0 per token1 in wad, and how far the spot price may be from it, basis points. */
  readonly feed: string
  readonly maxDeviationBps: bigint
  lp: bigint
  shares: bigint
  rented: bigint
  multiplier: bigint
  fullRate: bigint
  updated: bigint
}

/** What may be done. `rent` > 0 rents, < 0 repays; tokens > 0 go into the vault, < 0 come out of it; `swap` sells a token of the vault in the pair. */
export type BammAction =
  | { readonly do: 'add-liquidity'; readonly token0: bigint; readonly token1: bigint }
  | { readonly do: 'swap'; readonly zeroForOne: boolean; readonly amountIn: bigint }
  | { readonly do: 'lend'; readonly account: string; readonly lp: bigint }
  | { readonly do: 'redeem'; readonly account: string; readonly shares: bigint }
  | {
      readonly do: 'adjust'
      readonly vault: string
      readonly rent?: bigint | undefined
      readonly token0?: bigint | undefined
      readonly token1?: bigint | undefined
      readonly swap?: { readonly zeroForOne: boolean; readonly amountIn: bigint } | undefined
    }
  | { readonly do: 'close'; readonly vault: string }
  | { readonly do: 'micro-liquidate'; readonly vault: string }
  /** Adds the interest (`addInterest`); every other action but the pair's own two does so first. */
  | { readonly do: 'accrue' }

/** Asset names of the state. */
export const BAMM_ASSETS = { token0: 'token0', token1: 'token1', lp: 'LP', shares: 'BAMM' } as const

/** The mechanism. */
export const bamm: Mechanism<BammState, BammAction> = {
  id: 'bamm',
  *targets(state) {
    for (const [id, { rented }] of state.vaults) if (rented > 0n) yield id
  },
  assess: (state, target, at) => unlessReverted(() => assess(state, target, at)),
  offers: (state, target, at) => unlessReverted(() => offers(state, target, at)) ?? [],
  apply: (state, action, at) => applied(() => act(state, action, at)),
  exposure: (state, target, at) => unlessReverted(() => exposure(state, target, at)),
  holdings,
}

/** A pair with nothing lent. */
export function bammState(
  pair: BammPair,
  rates: BammRateTerms,
  feed: string,
  maxDeviationBps: bigint,
  time: bigint,
): BammState {
  return {
    ...{ pair, rates, feed, maxDeviationBps, vaults: new Map(), lenders: new Map() },
    ...{ lp: 0n, shares: 0n, rented: 0n, multiplier: WAD, fullRate: START_FULL_RATE, updated: time },
  }
}

/** √k lent and free, and √k rented with interest, in one: rounded down for who leaves. */
function allDown({ pair, lp, rented, multiplier }: BammState): bigint {
  return div(mul(lp, rootOf(pair)), pair.supply) + mul(rented, multiplier) / WAD
}

/** The two rounded up, in favour of the lenders: for interest, and for who joins. */
function rootsUp({ pair, lp, rented, multiplier }: BammState): { readonly free: bigint; readonly owed: bigint } {
  return { free: shareUp(lp, rootOf(pair), pair.supply), owed: shareUp(rented, multiplier, WAD) }
}

/** Brings the multiplier to a time. In place. */
function accrue(state: BammState, time: bigint): void {
  const seconds = time - state.updated
  if (seconds > 0n && state.rented > 0n) {
    const { free, owed } = rootsUp(state)
    const utilisation = (mul(owed, WAD) / (free + owed)) * 100_000n
    const { rate, fullRate } = bammRate(state.rates, state.fullRate, utilisation / MAX_UTILITY_RATE, seconds)
    state.multiplier += mul(mul(state.multiplier, rate), seconds) / WAD
    state.fullRate = fullRate
  }
  state.updated = time
}

/** The state with its interest up to a moment, as the next call of the lending contract would find it. A copy; vaults and lenders are the same. */
export function bammAccrued(state: BammState, at: Moment): BammState {
  const copy = { ...state, pair: { ...state.pair } }
  if (BigInt(at.time) >= state.updated) accrue(copy, BigInt(at.time))
  return copy
}

function assess(state: BammState, target: string, at: Moment): Health | undefined {
  const vault = state.vaults.get(target)
  if (!vault || vault.rented === 0n) return undefined
  const { multiplier } = bammAccrued(state, at)
  const root = sqrtDown(vault.token0 * vault.token1)
  const required = mul(vault.rented, multiplier) / WAD
  const liquidatable = root === 0n || ltvDown(vault, multiplier) >= LIQUIDATION_LTV
  return { backing: mul(root, LIQUIDATION_LTV) / WAD, required, equity: root - required, liquidatable }
}

function offers(state: BammState, target: string, at: Moment): readonly Offer<BammAction>[] {
  if (!assess(state, target, at)?.liquidatable) return []
  const action = { do: 'micro-liquidate', vault: target } as const
  const done = bamm.apply(structuredClone(state), action, at)
  if (wasRefused(done)) return []
  return [{ target, actor: 'anyone', action, pay: done.paid ?? [], receive: done.received ?? [] }]
}

function act(state: BammState, action: BammAction, at: Moment): Applied {
  ensure(BigInt(at.time) >= state.updated, 'TimeRunsBack')
  const draft = structuredClone(state)
  // The pair knows nothing of the loans that are made of its liquidity.
  if (action.do !== 'swap' && action.do !== 'add-liquidity') accrue(draft, BigInt(at.time))
  const done = step(draft, action, at)
  Object.assign(state, draft)
  return done
}

const flow = (asset: string, amount: bigint): AssetAmount => ({ asset, atoms: atoms(amount) })

function step(state: BammState, action: BammAction, at: Moment): Completed {
  const { pair } = state
  switch (action.do) {
    case 'add-liquidity': {
      const lp = mintLp(pair, action.token0, action.token1)
      const paid = [flow(BAMM_ASSETS.token0, action.token0), flow(BAMM_ASSETS.token1, action.token1)]
      return { facts: [], paid, received: [flow(BAMM_ASSETS.lp, lp)] }
    }
    case 'swap': {
      const out = swapPair(pair, action.zeroForOne, action.amountIn)
      const [from, to] = action.zeroForOne
        ? [BAMM_ASSETS.token0, BAMM_ASSETS.token1]
        : [BAMM_ASSETS.token1, BAMM_ASSETS.token0]
      return { facts: [], paid: [flow(from, action.amountIn)], received: [flow(to, out)] }
    }
    case 'lend':
      return lend(state, action.account, action.lp)
    case 'redeem':
      return redeem(state, action.account, action.shares)
    case 'adjust':
      return adjust(state, action)
    case 'close':
      return close(state, action.vault)
    case 'micro-liquidate':
      return liquidate(state, action.vault, at)
    case 'accrue':
      return { facts: [] }
  }
}

function lend(state: BammState, account: string, lp: bigint): Completed {
  const { pair } = state
  const root = div(mul(lp, rootOf(pair)), pair.supply)
  const { free, owed } = rootsUp(state)
  const first = state.shares === 0n
  const minted = first ? sub(root, MINIMUM_LIQUIDITY) : div(mul(root, state.shares), free + owed)
  ensure(minted > 0n, 'ZeroLiquidityMinted')
  ensure(state.lp + lp <= pair.supply, PANIC_ARITHMETIC, 'there is not so much LP')
  state.lp += lp
  state.shares += minted + (first ? MINIMUM_LIQUIDITY : 0n)
  state.lenders.set(account, (state.lenders.get(account) ?? 0n) + minted)
  return { facts: [], paid: [flow(BAMM_ASSETS.lp, lp)], received: [flow(BAMM_ASSETS.shares, minted)] }
}

function redeem(state: BammState, account: string, shares: bigint): Completed {
  const held = state.lenders.get(account) ?? 0n
  const root = div(mul(shares, allDown(state)), state.shares)
  const lp = root === 0n ? 0n : div(mul(root, state.pair.supply), rootOf(state.pair))
  ensure(lp <= state.lp, PANIC_ARITHMETIC, 'too much of the LP is rented')
  ensure(held >= shares, 'ERC20InsufficientBalance')
  state.lp -= lp
  state.shares -= shares
  state.lenders.set(account, held - shares)
  ensureUtility(state, state.pair)
  return { facts: [], paid: [flow(BAMM_ASSETS.shares, shares)], received: [flow(BAMM_ASSETS.lp, lp)] }
}

/** `pair` as the contract last looked at it: before a loan takes its LP out. */
function ensureUtility({ lp, rented, multiplier }: BammState, { reserve0, reserve1, supply }: BammPair): void {
  const free = sqrtDown(mul(mul(lp, reserve0) / supply, mul(lp, reserve1) / supply))
  const owed = mul(rented, multiplier) / WAD
  ensure(rented === 0n || mul(owed, WAD) / (free + owed) <= MAX_UTILITY_RATE, 'InvalidUtilityRate')
}

function adjust(state: BammState, action: Extract<BammAction, { do: 'adjust' }>): Completed {
  const vault = state.vaults.get(action.vault) ?? { token0: 0n, token1: 0n, rented: 0n }
  state.vaults.set(action.vault, vault)
  const { rent = 0n, token0 = 0n, token1 = 0n, swap } = action
  let seen = { ...state.pair }
  if (rent > 0n) borrow(state, vault, rent)
  if (token0 > 0n) vault.token0 += token0
  if (token1 > 0n) vault.token1 += token1
  if (swap && swap.amountIn !== 0n) {
    const out = swapPair(state.pair, swap.zeroForOne, swap.amountIn)
    vault.token0 += swap.zeroForOne ? -swap.amountIn : out
    vault.token1 += swap.zeroForOne ? out : -swap.amountIn
    seen = { ...state.pair }
  }
  if (rent < 0n) repay(state, vault, -rent)
  if (token0 < 0n) vault.token0 += token0
  if (token1 < 0n) vault.token1 += token1
  // More than everybody owes: the contract's own report of its state overflows before it looks at the vault.
  ensure(state.rented >= 0n, PANIC_ARITHMETIC, 'more is repaid than is rented at all')
  ensureValid(vault, 'NotSolvent')
  ensure(vault.rented === 0n || ltvDown(vault, state.multiplier) < LIQUIDATION_LTV, 'NotSolvent')
  if (rent > 0n) ensureUtility(state, seen)
  return { facts: [], paid: sides(token0, token1), received: sides(-token0, -token1) }
}

/** Repays everything. What is left of each token goes to the owner; what is missing of one he brings. */
function close(state: BammState, id: string): Completed {
  // Who never had a vault closes it too: there is nothing to do.
  const vault = state.vaults.get(id) ?? { token0: 0n, token1: 0n, rented: 0n }
  repay(state, vault, vault.rented)
  const { token0, token1 } = vault
  vault.token0 = 0n
  vault.token1 = 0n
  return { facts: [], paid: sides(-token0, -token1), received: sides(token0, token1) }
}

/** Flows of both tokens, those above zero. */
function sides(token0: bigint, token1: bigint): readonly AssetAmount[] {
  return [flow(BAMM_ASSETS.token0, token0), flow(BAMM_ASSETS.token1, token1)].filter(({ atoms: size }) => size > 0n)
}

/** No side below zero; rent needs both tokens. */
function ensureValid({ token0, token1, rented }: BammVault, word = 'InvalidVault'): void {
  ensure(token0 >= 0n && token1 >= 0n && rented >= 0n && (rented === 0n || (token0 > 0n && token1 > 0n)), word)
}

function borrow(state: BammState, vault: BammVault, rent: bigint): void {
  ensure(state.shares > 0n, 'NoBAMMTokensMinted')
  const { lp } = rentAmounts(state.pair, rent, state.multiplier)
  ensure(lp <= state.lp, PANIC_ARITHMETIC, 'so much LP is not free')
  const { token0, token1 } = burnLp(state.pair, lp)
  state.lp -= lp
  vault.rented += rent
  vault.token0 += token0
  vault.token1 += token1
  state.rented += rent
}

/** Gives liquidity back from the vault's tokens, which may fall below zero: the caller looks. In place; gives the LP that came of it. */
function repay(
  state: BammState,
  vault: BammVault,
  rent: bigint,
): { readonly lp: bigint; readonly token0: bigint; readonly token1: bigint } {
  if (rent === 0n) return { lp: 0n, token0: 0n, token1: 0n }
  const amounts = rentAmounts(state.pair, -rent, state.multiplier)
  const [token0, token1] = [-amounts.token0, -amounts.token1]
  vault.rented -= rent
  vault.token0 -= token0
  vault.token1 -= token1
  state.rented -= rent
  const lp = mintLp(state.pair, token0, token1)
  state.lp += lp
  return { lp, token0, token1 }
}

/** Spot against its average, both token0 per token1 with 34 digits (`ammPriceCheck`). Without an average the oracle has not seen half an hour. */
function ensureCalm({ pair, feed, maxDeviationBps }: BammState, at: Moment): void {
  const answer = at.price(feed)
  ensure(answer !== undefined && answer >= 0n, 'Period too long', 'the pair has no average price')
  const average = mul(answer, 10n ** 16n)
  ensure(average > 0n, PANIC_DIVISION, 'the average price is zero')
  const spot = div(mul(pair.reserve0, 10n ** 34n), pair.reserve1)
  const off = spot > average ? spot - average : average - spot
  ensure(mul(off, 10_000n) / average <= maxDeviationBps, 'OraclePriceDeviated')
}

function liquidate(state: BammState, id: string, at: Moment): Completed {
  ensureCalm(state, at)
  const vault = state.vaults.get(id)
  ensure(vault !== undefined && vault.rented > 0n, 'User solvent')
  const ltv = ltvDown(vault, state.multiplier)
  ensure(ltv >= LIQUIDATION_LTV, 'User solvent')
  const { share, root } = swapAndSize(vault, state.pair, ltv)
  const wanted = mul(root, WAD) / state.multiplier
  if (wanted === 0n) {
    ensureValid(vault)
    return { facts: [] }
  }
  const fee = liquidationFee(ltv)
  const back = repay(state, vault, min(lessFee(wanted, fee), vault.rented))
  ensureValid({ ...vault, rented: 0n })
  let [fee0, fee1] = [feeOn(back.token0, fee), feeOn(back.token1, fee)]
  if (fee0 > vault.token0 || fee1 > vault.token1) [fee0, fee1] = [vault.token0, vault.token1]
  vault.token0 -= fee0
  vault.token1 -= fee1
  let lost = 0n
  const empty = vault.token0 === 0n || vault.token1 === 0n
  if (empty || (share === WAD && ltvDown(vault, state.multiplier) > WAD)) {
    // Nothing more can be got: the rest goes to whoever came, and the lenders carry the rent.
    fee0 += vault.token0
    fee1 += vault.token1
    lost = mul(vault.rented, state.multiplier) / WAD
    state.rented -= vault.rented
    state.vaults.set(id, { token0: 0n, token1: 0n, rented: 0n })
  } else ensureValid(vault)
  const received = [flow(BAMM_ASSETS.token0, fee0), flow(BAMM_ASSETS.token1, fee1)]
  return { facts: [factOf(id, back.lp, fee0, lost)], received, moved: { ltv, share, lp: back.lp, fee0, fee1, lost } }
}

/** `repaid`: LP given back; `seized`: the fee's token0 (its token1 stands in `moved`); bad debt in √k. */
function factOf(account: string, lp: bigint, fee0: bigint, lost: bigint): Fact {
  return {
    ...{ type: 'loan-liquidation', protocol: 'bamm', market: 'pair', account, usd: undefined },
    repaid: { asset: BAMM_ASSETS.lp, atoms: lp },
    seized: { asset: BAMM_ASSETS.token0, atoms: fee0 },
    badDebt: lost > 0n ? { asset: BAMM_ASSETS.lp, atoms: lost } : undefined,
  }
}

/** No price moves it: the line is a constant. */
function exposure(state: BammState, target: string, at: Moment): Exposure | undefined {
  const health = assess(state, target, at)
  if (!health) return undefined
  return { slopes: [], constant: { backing: Number(health.backing), required: Number(health.required) } }
}

/** Tokens in the pair and in vaults; LP and receipts that others hold count as owed. */
function holdings(state: BammState): ReadonlyMap<string, Atoms> {
  let [token0, token1] = [state.pair.reserve0, state.pair.reserve1]
  for (const vault of state.vaults.values()) {
    token0 += vault.token0
    token1 += vault.token1
  }
  let receipts = 0n
  for (const held of state.lenders.values()) receipts += held
  return new Map([
    [BAMM_ASSETS.token0, atoms(token0)],
    [BAMM_ASSETS.token1, atoms(token1)],
    [BAMM_ASSETS.lp, atoms(state.lp - state.pair.supply)],
    [BAMM_ASSETS.shares, atoms(-receipts)],
  ])
}
