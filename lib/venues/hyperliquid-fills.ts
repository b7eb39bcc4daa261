/**
 * Hyperliquid fills: what one fill says of a liquidation, and the node's files of fills by block, every fill accounted for.
 * https://hyperliquid.gitbook.io/hyperliquid-docs/historical-data (`node_fills_by_block`, hourly, lz4)
 *
 * A trade (`tid`) has two fills, one per party, and both carry the same `liquidation {liquidatedUser, markPx, method}`. Either one gives
 * the same liquidation with the key `tid`, so hearing both counts once. In an auto-deleveraging the counterparty's fill says so in `dir`;
 * the party it is closed against is as a rule a liquidator vault, whose position was counted when the vault took it over from its owner:
 * liquidations of those vaults are therefore left out, the auto-deleveraging itself is kept.
 */
import { coinOf, type Instrument, type Instruments, type Side } from '../model/index.ts'
import {
  type Closing,
  deleveragingOf,
  isRow,
  jsonOf,
  liquidationOf,
  listOf,
  millisOf,
  numberOf,
  positiveOf,
  type Row,
  refusal,
  textOf,
} from './rows.ts'
import type { Decoded, Refused } from './venue.ts'

/**
 * The vaults that take over positions at backstop liquidation: HLP's four liquidator children (`vaultDetails` of the parent vault lists
 * them) and the older vault named Liquidator.
 * https://hyperliquid.gitbook.io/hyperliquid-docs/trading/liquidations
 */
export const LIQUIDATOR_VAULTS: ReadonlySet<string> = new Set([
  '0x2e3d94f0562703b25c83308a05046ddaf9a8dd14',
  '0xb0a55f13d22f66e6d495ac98113841b2326e9540',
  '0x5e177e5e39c0f4e421f5865a6d8beed8d921cb70',
  '0x2ed5c4484ea3ff8b57d5f2fb152a40d9f2b68308',
  '0x63c621a33714ec48660e32f2374895c8026a3a00',
])

/** What became of the fills of a line: the parts always sum to `fills`. */
export type FillCounts = {
  readonly fills: number
  /** Gave a liquidation (an auto-deleveraging fill that also names a liquidated account counts below). */
  readonly liquidations: number
  /** Gave an auto-deleveraging. */
  readonly deleveragings: number
  /** Plain trades of perps, one per `tid`. */
  readonly trades: number
  /** Plain trades of spot pairs, one per `tid`: no fact. */
  readonly spot: number
  /** The second party of a `tid` that was already counted. */
  readonly otherSide: number
  /** A liquidator vault unwinding what it had taken over. */
  readonly unwound: number
  /** Neither: settlements of delisted contracts, transfers between vaults, dust conversions. */
  readonly other: number
  readonly refused: number
}

/** The counts of no fill at all: the start of a sum. */
export const NO_FILLS: FillCounts = {
  fills: 0,
  liquidations: 0,
  deleveragings: 0,
  trades: 0,
  spot: 0,
  otherSide: 0,
  unwound: 0,
  other: 0,
  refused: 0,
}

/** The sum of two counts. */
export function sumFills(a: FillCounts, b: FillCounts): FillCounts {
  return Object.fromEntries(
    Object.keys(NO_FILLS).map((key) => [key, a[key as keyof FillCounts] + b[key as keyof FillCounts]]),
  ) as FillCounts
}

/** The facts of one line of fills and what became of each fill. */
export type FillsOfLine = { readonly facts: readonly (Decoded | Refused)[]; readonly counts: FillCounts }

/**
 * Decodes one line of `node_fills_by_block` (a block with its fills) or of the older `node_fills` (one `[user, fill]`).
 * `trades: true` also gives the ordinary perp trades, one per `tid`. Never throws: what cannot be read is a refusal.
 */
export function decodeFillsLine(line: string, options: { readonly trades?: boolean } = {}): FillsOfLine {
  const value = jsonOf(line)
  const events = isRow(value) ? value.events : Array.isArray(value) ? [value] : undefined
  if (!Array.isArray(events)) return { facts: [refusal('no block of fills', line)], counts: NO_FILLS }
  const facts: (Decoded | Refused)[] = []
  const counts: { -readonly [K in keyof FillCounts]: number } = { ...NO_FILLS, fills: events.length }
  const seen = new Set<number>()
  const keys = new Set<string>()
  const take = (fact: Decoded | Refused) => {
    if (fact.type !== 'refused') {
      if (keys.has(fact.key)) return
      keys.add(fact.key)
    }
    facts.push(fact)
  }
  for (const event of events) {
    const [user, fill] = listOf(event)
    const read = readFill(fill, user)
    read.facts.forEach(take)
    if (read.use === 'refused') counts.refused++
    // The deleveraged party is counted for itself, so that its opposite is still counted as what it is.
    else if (read.use === 'deleveragings') counts.deleveragings++
    else if (seen.has(read.tid)) counts.otherSide++
    else {
      seen.add(read.tid)
      counts[read.use]++
      if (read.use === 'trades' && options.trades === true) take(read.trade())
    }
  }
  return { facts, counts }
}

type Use = 'liquidations' | 'deleveragings' | 'trades' | 'spot' | 'unwound' | 'other'
type Reading =
  | { readonly use: 'refused'; readonly facts: readonly Refused[] }
  | {
      readonly use: Use
      readonly tid: number
      readonly facts: readonly (Decoded | Refused)[]
      readonly trade: () => Decoded | Refused
    }

/** Directions of ordinary perp fills; a fill of another direction is no trade in the market. */
const TRADING = /^(Open|Close) (Long|Short)$|^Long > Short$|^Short > Long$/

function readFill(fill: unknown, user: unknown): Reading {
  const refused = (reason: string): Reading => ({ use: 'refused', facts: [refusal(reason, fill)] })
  if (!isRow(fill)) return refused('a fill that is no object')
  const tid = numberOf(fill.tid)
  if (tid === undefined) return refused('a fill without tid')
  if (typeof fill.coin !== 'string') return refused('a fill without coin')
  const facts = fillFacts(fill, textOf(user), NO_INSTRUMENTS)
  const unread = facts.find((fact) => fact.type === 'refused')
  if (unread !== undefined) return { use: 'refused', facts: [unread as Refused] }
  const trade = () => tradeOf(fill, tid)
  const dir = textOf(fill.dir) ?? ''
  const reading = (use: Use): Reading => ({ use, tid, facts, trade })
  if (facts.some((fact) => fact.type === 'auto-deleveraging')) return reading('deleveragings')
  if (facts.length > 0) return reading('liquidations')
  if (isRow(fill.liquidation)) return reading('unwound')
  if (dir === 'Buy' || dir === 'Sell' || isSpot(fill.coin)) return reading('spot')
  return reading(TRADING.test(dir) ? 'trades' : 'other')
}

const NO_INSTRUMENTS: Instruments = new Map()

/** Spot pairs are `@107` or `PURR/USDC`; everything else is a perp. */
function isSpot(coin: string): boolean {
  return coin.startsWith('@') || coin.includes('/')
}

/**
 * The facts of one fill: a liquidation, an auto-deleveraging, both, or none for an ordinary trade.
 * `user` is the fill's owner where it is known. The liquidation is the same whichever party's fill says it.
 */
export function fillFacts(fill: unknown, user: string | undefined, instruments: Instruments): (Decoded | Refused)[] {
  if (!isRow(fill)) return [refusal('a fill that is no object', fill)]
  const dir = textOf(fill.dir) ?? ''
  const deleveraged = dir === 'Auto-Deleveraging'
  const liquidation = isRow(fill.liquidation) ? fill.liquidation : undefined
  const own = dir.startsWith('Liquidated')
  if (!deleveraged && liquidation === undefined && !own) return []
  const coin = textOf(fill.coin)
  const tid = numberOf(fill.tid)
  if (coin === undefined || tid === undefined) return [refusal('a forced fill without coin or tid', fill)]
  if (fill.side !== 'A' && fill.side !== 'B') return [refusal('a forced fill without a side', fill)]
  const sold: Side = fill.side === 'A' ? 'long' : 'short'
  const owner = user?.toLowerCase()
  const closing: Closing = {
    row: fill,
    instrument: hyperliquidInstrument(coin, instruments),
    side: sold,
    units: positiveOf(fill.sz),
    price: positiveOf(fill.px),
    priceKind: 'fill',
    time: millisOf(fill.time),
    key: String(tid),
  }
  const facts: (Decoded | Refused)[] = []
  if (deleveraged) facts.push(deleveragingOf({ ...closing, key: `${tid}|adl`, account: owner }))
  const account = textOf(liquidation?.liquidatedUser)?.toLowerCase() ?? (own ? owner : undefined)
  const counted = (liquidation !== undefined || own) && !(account !== undefined && LIQUIDATOR_VAULTS.has(account))
  if (counted) {
    const method = liquidation?.method
    facts.push(
      liquidationOf({
        ...closing,
        side: closedSide(fill, sold, owner, account, liquidation),
        account,
        method: method === 'market' || method === 'backstop' ? method : undefined,
      }),
    )
  }
  return facts
}

/** The liquidated account's side: this fill's when it is that account's, the opposite when it is the counterparty's. */
function closedSide(
  fill: Row,
  sold: Side,
  owner: string | undefined,
  account: string | undefined,
  liquidation: Row | undefined,
): Side | undefined {
  const flipped: Side = sold === 'long' ? 'short' : 'long'
  const dir = textOf(fill.dir) ?? ''
  if (dir.startsWith('Liquidated')) return sold
  if (dir === 'Auto-Deleveraging') return flipped
  if (owner !== undefined && account !== undefined) return owner === account ? sold : flipped
  // `userEvents` do not name the fill's owner. A liquidation never adds to a position, and its market order takes.
  const before = numberOf(fill.startPosition)
  if (before !== undefined && !(sold === 'long' ? before > 0 : before < 0)) return flipped
  if (liquidation?.method === 'market' && typeof fill.crossed === 'boolean') return fill.crossed ? sold : flipped
  return undefined
}

function tradeOf(fill: Row, tid: number): Decoded | Refused {
  const price = positiveOf(fill.px)
  const size = positiveOf(fill.sz)
  const time = millisOf(fill.time)
  if (price === undefined || size === undefined) return refusal('the size or price is no number above zero', fill)
  if (time === undefined) return refusal('the time is missing or outside 2009 to 2100', fill)
  const { symbol, coin } = hyperliquidInstrument(fill.coin as string, NO_INSTRUMENTS)
  const bought = fill.side === 'B'
  // Either party's fill tells the taker's side: its own where it crossed the book, else the opposite.
  const taker = typeof fill.crossed === 'boolean' ? (bought === fill.crossed ? 'buy' : 'sell') : undefined
  return { type: 'trade', instrument: symbol, coin, taker, size, price, usd: size * price, time, key: `${tid}|trade` }
}

/** A perp by its coin; contracts of builder-deployed exchanges are `dex:COIN`. All are linear, counted in coins. */
export function hyperliquidInstrument(symbol: string, instruments: Instruments): Instrument {
  const listed = instruments.get(symbol)
  if (listed !== undefined) return listed
  const coin = coinOf(symbol.slice(symbol.indexOf(':') + 1))
  return { symbol, coin, quote: 'USD', settle: 'USDC', payoff: 'linear', contractSize: 1 }
}
