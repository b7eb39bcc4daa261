/** What an event is filtered and grouped by. Every store fills its columns from here, so that no two engines can differ. */
import { type Fact, isLiquidation, kindOf, type MarketEvent } from '../model/index.ts'
import type { Filter } from './question.ts'

/** The fields of an event that questions ask about. Text is `''` where the event has no such thing. */
export type Dimensions = {
  readonly venue: string
  readonly protocol: string
  readonly chain: string
  readonly coin: string
  readonly side: 'long' | 'short' | 'unknown'
  readonly kind: 'perp' | 'loan' | ''
  readonly source: MarketEvent['source']
  readonly account: string
  /** Dollars; `undefined` = not known. A value that is no finite number is not known either. */
  readonly usd: number | undefined
  /** True for the facts that totals count. */
  readonly counted: boolean
}

/** The dimensions of one event. A loan has no long or short side; its coin is the collateral's symbol. */
export function dimensionsOf(event: MarketEvent): Dimensions {
  const usd = 'usd' in event ? event.usd : undefined
  const place = 'place' in event ? event.place : undefined
  return {
    venue: event.venue,
    protocol: ('protocol' in event ? event.protocol : undefined) ?? '',
    chain: place?.chain ?? '',
    coin: coinText(event).toUpperCase(),
    side: ('side' in event ? event.side : undefined) ?? 'unknown',
    kind: kindText(event),
    source: event.source,
    account: ('account' in event ? event.account : undefined) ?? '',
    usd: typeof usd === 'number' && Number.isFinite(usd) ? usd : undefined,
    counted: isLiquidation(event),
  }
}

function coinText(fact: Fact): string {
  if ('coin' in fact) return fact.coin ?? ''
  if (fact.type === 'loan-liquidation') return fact.seized.asset
  if (fact.type === 'auction-started') return fact.lot.asset
  if (fact.type === 'auction-taken') return (fact.bought ?? fact.lotLeft)?.asset ?? ''
  return ''
}

/** `perp` for what happens on derivatives venues, `loan` for lending, nothing for what belongs to neither (gaps, retractions). */
function kindText(fact: Fact): Dimensions['kind'] {
  if (isLiquidation(fact)) return kindOf(fact)
  if (fact.type === 'auction-taken' || fact.type === 'bad-debt') return 'loan'
  return fact.type === 'gap' || fact.type === 'retraction' ? '' : 'perp'
}

/** True when the event passes the filter. An event that lacks a field never passes a filter on that field. */
export function passes(event: MarketEvent, where: Filter): boolean {
  if (where.from !== undefined && event.time < where.from) return false
  if (where.to !== undefined && event.time >= where.to) return false
  if (where.types !== undefined && !where.types.includes(event.type)) return false
  const of = dimensionsOf(event)
  return (
    anyOf(where.sources, of.source) &&
    anyOf(where.venues, of.venue) &&
    anyOf(where.protocols, of.protocol) &&
    anyOf(where.chains, of.chain) &&
    anyOf(where.coins, of.coin) &&
    anyOf(where.sides, of.side) &&
    anyOf(where.kinds, of.kind) &&
    (where.account === undefined || of.account === where.account) &&
    (where.minUsd === undefined || (of.usd !== undefined && of.usd >= where.minUsd))
  )
}

function anyOf(list: readonly string[] | undefined, value: string): boolean {
  return list === undefined || list.includes(value)
}
