/** f(x) v2's state as plain data, and a draft of it: an action works on the draft, which is kept only when it completes. */
import { E96, NO_TICK, WAD } from './rules.ts'

/** Ratios in wad, bonuses and fees in 1e-9, capacities in atoms of collateral and fxUSD, times in seconds. */
export type FxV2Terms = {
  /** What can be rebalanced and liquidated: single positions (until March 2025), or ticks and everything from the top tick down (since then). */
  readonly calls: 'positions' | 'ticks'
  readonly rebalanceRatio: bigint
  readonly rebalanceBonus: bigint
  readonly liquidateRatio: bigint
  readonly liquidateBonus: bigint
  readonly minDebtRatio: bigint
  readonly maxDebtRatio: bigint
  /** Largest part of a tick that one redemption takes, 1e-9. */
  readonly maxRedeemPart: bigint
  readonly collateralCapacity: bigint
  readonly debtCapacity: bigint
  /** The supply fee is multiplied by the whole steps of interest (wad a year) that have been passed. */
  readonly fees: {
    readonly supply: bigint
    readonly supplyStep: bigint
    readonly withdraw: bigint
    readonly borrow: bigint
    readonly repay: bigint
    readonly redeem: bigint
    /** Part of the bonus that the protocol keeps. */
    readonly liquidation: bigint
    /** For leaving the stable pool at once, wad. */
    readonly instantRedeem: bigint
  }
  /** Part of the interest that longs pay while fxUSD stands below its peg (`below`), or while the stable pool holds too much fxUSD (`crowded`), wad. */
  readonly funding: { readonly below: bigint; readonly crowded: bigint; readonly maxFxUsdRatio: bigint }
  /** How far fxUSD may be from a dollar before rules change, wad; USDC must be worth more than `depeg` to be taken in. */
  readonly peg: { readonly down: bigint; readonly up: bigint; readonly depeg: bigint }
  /** Stable pool shares from which on only that pool may rebalance and liquidate. */
  readonly permissionedFrom: bigint
  readonly cooldown: bigint
  readonly borrowPaused: boolean
  readonly redeemPaused: boolean
}

/** USD per unit in wad: collateral's least and greatest price, raw collateral per token, USDC, fxUSD; Aave's borrow index in ray. */
export type FxV2Feeds = {
  readonly min: string
  readonly max: string
  /** Left out: a token is one raw unit. */
  readonly rate?: string | undefined
  readonly stable: string
  /** Left out: fxUSD is taken to stand at its peg, where everything is allowed. */
  readonly fxUsd?: string | undefined
  /** Left out: the last known interest rate stays. */
  readonly borrowIndex?: string | undefined
}

/** A position: shares, its tree node ('' = none, collateral alone), owner. */
export type FxV2Position = {
  readonly owner: string
  readonly node: string
  readonly colls: bigint
  readonly debts: bigint
}

/** A node of the tick tree: its tick, the node it moved to ('' = none), what remained of its shares by then (· 2^60), and its shares. */
export type FxV2Node = {
  readonly tick: number
  readonly parent: string
  readonly collRatio: bigint
  readonly debtRatio: bigint
  readonly colls: bigint
  readonly debts: bigint
}

/** Everything that is one number. */
export type FxV2Book = {
  collIndex: bigint
  debtIndex: bigint
  collShares: bigint
  debtShares: bigint
  topTick: number
  nextPosition: number
  nextNode: number
  /** When funding was last charged, unix seconds. */
  updated: bigint
  /** Aave's borrow index, the average interest measured with it, and when. */
  interest: { readonly index: bigint; readonly rate: bigint; readonly time: bigint }
  /** Tokens of collateral that the manager holds, of them booked for the pool (with their raw amount) and kept as fees. */
  tokens: bigint
  collateral: bigint
  rawCollateral: bigint
  feesKept: bigint
  /** Raw debt booked for the pool. */
  debt: bigint
  /** Tokens of collateral in the reserve pool. */
  reserve: bigint
  /** fxUSD issued; USDC that stands for fxUSD that a rebalance did not burn, and that fxUSD. */
  supply: bigint
  stableOwned: bigint
  stableManaged: bigint
  /** The stable pool's fxUSD and USDC, and its shares. */
  baseFxUsd: bigint
  baseStable: bigint
  baseShares: bigint
}

/** Everything. `scalar` = 10^(18 − decimals of the collateral); `stableScale` the same for USDC. */
export type FxV2State = {
  terms: FxV2Terms
  readonly feeds: FxV2Feeds
  readonly scalar: bigint
  readonly stableScale: bigint
  book: FxV2Book
  readonly positions: Map<string, FxV2Position>
  readonly nodes: Map<string, FxV2Node>
  /** Node of a tick, by tick. */
  readonly ticks: Map<string, string>
  /** 256 ticks a word: which have debt. */
  readonly bits: Map<string, bigint>
  /** Shares of the stable pool: held, asked back, and from when those may go. */
  readonly shares: Map<string, FxV2Shareholder>
}

/** A depositor of the stable pool. */
export type FxV2Shareholder = { readonly held: bigint; readonly asked: bigint; readonly unlockAt: bigint }

const percent = (value: bigint) => (value * WAD) / 100n

/** Terms of the live wstETH pool in outline: lines at 88 and 95 %, bonuses of 2.5 and 4 %, debt ratio 1/2 to 6/7, a fifth of a tick per redemption. */
export const FX_V2_TERMS: FxV2Terms = {
  calls: 'ticks',
  ...{ rebalanceRatio: percent(88n), rebalanceBonus: 25_000_000n },
  ...{ liquidateRatio: percent(95n), liquidateBonus: 40_000_000n },
  ...{ minDebtRatio: percent(50n), maxDebtRatio: 857_142_857_142_857_142n, maxRedeemPart: 200_000_000n },
  ...{ collateralCapacity: 10n ** 25n, debtCapacity: 10n ** 28n },
  fees: {
    ...{ supply: 0n, supplyStep: percent(5n), withdraw: 0n, borrow: 5_000_000n, repay: 2_000_000n },
    ...{ redeem: 5_000_000n, liquidation: 100_000_000n, instantRedeem: percent(1n) },
  },
  funding: { below: WAD, crowded: 0n, maxFxUsdRatio: percent(90n) },
  peg: { down: percent(1n) / 2n, up: percent(1n) / 2n, depeg: percent(99n) },
  ...{ permissionedFrom: 10_000n * WAD, cooldown: 3_600n, borrowPaused: false, redeemPaused: false },
}

/** A pool with nothing in it. `decimals` of the collateral at most 18; `interest` a year in wad. */
export function emptyFxV2(
  terms: FxV2Terms,
  feeds: FxV2Feeds,
  time: bigint,
  { decimals = 18n, interest = 0n, borrowIndex = 10n ** 27n } = {},
): FxV2State {
  return {
    ...{ terms, feeds, scalar: 10n ** (18n - decimals), stableScale: 10n ** 12n },
    book: {
      ...{ collIndex: E96, debtIndex: E96, collShares: 0n, debtShares: 0n },
      ...{ topTick: NO_TICK, nextPosition: 1, nextNode: 1, updated: time },
      interest: { index: borrowIndex, rate: interest, time },
      ...{ tokens: 0n, collateral: 0n, rawCollateral: 0n, feesKept: 0n, debt: 0n, reserve: 0n },
      ...{ supply: 0n, stableOwned: 0n, stableManaged: 0n, baseFxUsd: 0n, baseStable: 0n, baseShares: 0n },
    },
    ...{ positions: new Map(), nodes: new Map(), ticks: new Map(), bits: new Map(), shares: new Map() },
  }
}

/** A map over a map: reads fall through, writes wait. Values are replaced, never changed. */
export type Overlay<V> = {
  readonly get: (key: string) => V | undefined
  readonly set: (key: string, value: V) => void
  readonly commit: () => void
}

function overlay<V>(below: Map<string, V>): Overlay<V> {
  const written = new Map<string, V>()
  return {
    get: (key) => written.get(key) ?? below.get(key),
    set: (key, value) => void written.set(key, value),
    commit: () => {
      for (const [key, value] of written) below.set(key, value)
    },
  }
}

/** A state on which an action works. */
export type FxV2Draft = Pick<FxV2State, 'terms' | 'feeds' | 'scalar' | 'stableScale'> & {
  readonly book: FxV2Book
  readonly positions: Overlay<FxV2Position>
  readonly nodes: Overlay<FxV2Node>
  readonly ticks: Overlay<string>
  readonly bits: Overlay<bigint>
  readonly shares: Overlay<FxV2Shareholder>
  readonly commit: () => void
}

/** A draft. Until `commit` the state is as before. */
export function draftFxV2(state: FxV2State): FxV2Draft {
  const book = { ...state.book }
  const maps = {
    ...{ positions: overlay(state.positions), nodes: overlay(state.nodes), ticks: overlay(state.ticks) },
    ...{ bits: overlay(state.bits), shares: overlay(state.shares) },
  }
  return {
    ...{ feeds: state.feeds, scalar: state.scalar, stableScale: state.stableScale, book, ...maps, terms: state.terms },
    commit() {
      state.book = book
      for (const map of Object.values(maps)) map.commit()
    },
  }
}
