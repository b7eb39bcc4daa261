/** Every profile, and how one is found: by id and day, or by a venue's word and a symbol. */
import { breakwaterError } from '../../model/index.ts'
import type { PerpProfile, ProfileMarket } from '../perp/profile.ts'
import { BINANCE_COINM, BINANCE_USDM } from './binance.ts'
import { BITMEX_PROFILES } from './bitmex.ts'
import { BYBIT_INVERSE, BYBIT_LINEAR, BYBIT_UNIFIED } from './bybit.ts'
import { DERIBIT_PROFILES } from './deribit.ts'
import { DYDX_PROFILES } from './dydx.ts'
import { GATE_PROFILES } from './gate.ts'
import { HIP3_PROFILES, HYPERLIQUID_PROFILES } from './hyperliquid.ts'
import { OKX_PROFILES } from './okx.ts'

/** Every venue's rules of every known time. Of one id the windows follow each other and do not overlap. */
export const perpProfiles: readonly PerpProfile[] = [
  ...BINANCE_USDM,
  ...BINANCE_COINM,
  ...BYBIT_LINEAR,
  ...BYBIT_INVERSE,
  ...BYBIT_UNIFIED,
  ...OKX_PROFILES,
  ...GATE_PROFILES,
  ...BITMEX_PROFILES,
  ...DERIBIT_PROFILES,
  ...HYPERLIQUID_PROFILES,
  ...HIP3_PROFILES,
  ...DYDX_PROFILES,
]

/** Ids in the order of {@link perpProfiles}. */
export const PERP_PROFILE_IDS: readonly string[] = [...new Set(perpProfiles.map(({ id }) => id))]

const DAY = /^\d{4}-\d{2}-\d{2}$/

/**
 * The rules of an id in force on a day (YYYY-MM-DD, UTC); without a day the latest. Throws `not-found` naming the known ids or the times that
 * are known, `bad-time` for what is no day.
 */
export function perpProfile(id: string, on?: string): PerpProfile {
  const ofId = perpProfiles.filter((profile) => profile.id === id)
  if (ofId.length === 0)
    throw breakwaterError(
      'not-found',
      `there is no venue or profile '${id}'; known are ${PERP_PROFILE_IDS.join(', ')}`,
      { id },
      { fix: 'Name one of them.' },
    )
  if (on === undefined) return ofId.at(-1) as PerpProfile
  if (!DAY.test(on)) throw breakwaterError('bad-time', `'${on}' is no day such as 2025-10-10`, { on })
  const found = ofId.find(({ from, until }) => from <= on && (until === undefined || on < until))
  if (found) return found
  const times = ofId.map(({ from, until }) => `${from} to ${until ?? 'now'}`).join(', ')
  throw breakwaterError(
    'not-found',
    `the rules of ${id} are not known for ${on}; known are ${times}`,
    { id, on },
    { fix: 'Choose a day within.' },
  )
}

/** A profile's market by its symbol, whatever the case. Throws `not-found` naming the known symbols. */
export function marketOf(profile: PerpProfile, symbol: string): ProfileMarket {
  const wanted = symbol.toUpperCase()
  const found = profile.markets.find((market) => market.symbol.toUpperCase() === wanted)
  if (found) return found
  const known = profile.markets.map((market) => market.symbol).join(', ')
  throw breakwaterError(
    'not-found',
    `${profile.name} has no contract '${symbol}' here; known are ${known}`,
    { symbol, profile: profile.id },
    { fix: 'Name one of them.' },
  )
}

/**
 * The profile of a venue that trades a symbol: `binance` with BTCUSD_PERP is COIN-M, with BTCUSDT USD-M. A profile's own id names it. A venue
 * whose contracts include no such symbol gives its first profile, so that the refusal names its contracts. Throws `not-found`.
 */
export function profileOfVenue(word: string, symbol: string, on?: string): PerpProfile {
  const name = word.toLowerCase()
  if (PERP_PROFILE_IDS.includes(name) && !perpProfiles.some(({ venue }) => venue === name)) return perpProfile(name, on)
  const ids = [...new Set(perpProfiles.filter(({ venue }) => venue === name).map(({ id }) => id))]
  if (ids.length === 0) return perpProfile(name, on)
  const then = on === undefined ? ids : ids.filter((id) => hasRules(id, on))
  // No contract family has rules of that day: the refusal of the first names the times that are known.
  const candidates = (then.length > 0 ? then : ids.slice(0, 1)).map((id) => perpProfile(id, on))
  const wanted = symbol.toUpperCase()
  return (
    candidates.find(({ markets }) => markets.some((market) => market.symbol.toUpperCase() === wanted)) ??
    (candidates[0] as PerpProfile)
  )
}

function hasRules(id: string, on: string): boolean {
  return perpProfiles.some((one) => one.id === id && one.from <= on && (one.until === undefined || on < one.until))
}
