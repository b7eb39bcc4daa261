/** What a market is run from, and what a run gives back. */
import type { Fact, UnixSeconds } from '../../model/index.ts'
import type { Agent } from '../agent.ts'
import type { Depth } from './depth.ts'
import type { RoomMaker, Standing } from './room.ts'
import type { RoomCost } from './weigh.ts'

/** A liquidator with what it has. Latency: steps between an offer's first sight and its first bid. */
export type Competitor = {
  readonly id: string
  readonly agent: Agent<unknown>
  /** USD. */
  readonly capital: number
  readonly latency: number
  /** False while it is absent. */
  readonly up?: ((step: number) => boolean) | undefined
}

/** Who comes first where several want one offer: the highest open bid (losers pay gas), the highest sealed one (losers pay nothing), or the fastest. */
export type Competition = 'open-auction' | 'sealed-bids' | 'fastest'

/** Somebody who buys (> 0) or sells (< 0) whatever is liquidated: dealers, lenders, sellers of seized coins, followers of the trend. */
export type Trader = {
  readonly id: string
  readonly trade: (view: {
    readonly step: number
    readonly time: UnixSeconds
    readonly price: (symbol: string) => number
  }) => ReadonlyMap<string, number>
}

/** A market to run. Prices outside in USD, one a step and symbol; `seconds` between two steps. */
export type MarketPlan = {
  readonly start: UnixSeconds
  readonly seconds: number
  readonly outside: ReadonlyMap<string, readonly number[]>
  readonly depths: ReadonlyMap<string, Depth>
  readonly rooms: readonly RoomMaker[]
  readonly competitors: readonly Competitor[]
  readonly competition: Competition
  readonly traders?: readonly Trader[] | undefined
  /** Whether those who do rooms' chores are there at a step: bidders among the liquidators, and keepers, arbitrageurs and users. */
  readonly up?:
    | { readonly liquidators?: (step: number) => boolean; readonly keepers?: (step: number) => boolean }
    | undefined
  /** Gas price in gwei at a step, gas of one transaction, and the coin it is paid in. */
  readonly gas?:
    | { readonly gwei: (step: number) => number; readonly units: number; readonly symbol: string }
    | undefined
}

/** One thing that happened: step, room, who acted, what it did, and the price of `symbol` before and after, USD. */
export type MarketEntry = {
  readonly step: number
  readonly room: string
  readonly actor: string
  readonly target: string | undefined
  readonly facts: readonly Fact[]
  /** Whole units by symbol: in from the actor, out to the actor. */
  readonly paid: ReadonlyMap<string, number>
  readonly received: ReadonlyMap<string, number>
  readonly profit: number
  readonly tip: number
  /** What went out less what came in at the outside prices of the step, USD: what the room gave away by acting now. */
  readonly given: number
}

/** What all accounts of a room hold and owe together, whole units by symbol. */
export type Book = {
  readonly holds: Readonly<Record<string, number>>
  readonly owes: Readonly<Record<string, number>>
}

/** One step as a row: prices on the market (outside price with the displacement), coins sold by force, targets below the line, books by room. */
export type MarketStep = {
  readonly prices: ReadonlyMap<string, number>
  readonly sold: ReadonlyMap<string, number>
  readonly unsafe: number
  readonly books: ReadonlyMap<string, Book>
}

/** A finished (or interrupted) run. */
export type MarketRun = {
  readonly steps: readonly MarketStep[]
  readonly entries: readonly MarketEntry[]
  /** Cash of every actor at the end, USD: liquidators, keepers, traders, builders (tips), gas. */
  readonly cash: ReadonlyMap<string, number>
  /** By room: what was done in it cost whom, each step at its own outside prices. */
  readonly costs: ReadonlyMap<string, RoomCost>
  readonly before: ReadonlyMap<string, readonly Standing[]>
  readonly after: ReadonlyMap<string, readonly Standing[]>
  /** Change of a room's holdings by symbol, whole units. */
  readonly held: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** Steps from a position's first being below its line to its being above it and settled, 0 within one step; those that are not at the end are counted. */
  readonly recoveries: readonly number[]
  readonly unsafeAtEnd: number
  /** Positions that were below their line at any time, by room. */
  readonly breached: ReadonlyMap<string, number>
  /** What everybody else bought by symbol (coins, negative: sold) and paid for it (USD). */
  readonly others: ReadonlyMap<string, { readonly coins: number; readonly usd: number }>
  readonly missedBids: number
  readonly finished: boolean
}
