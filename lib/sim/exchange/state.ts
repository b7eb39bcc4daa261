/** The exchange's whole state: plain columns, nothing hidden, so that a snapshot is a copy. */

import { createBook } from '../../kernels/index.ts'
import { feeRate, type InsuranceFund, openFund, type PerpProfile } from '../../mechanisms/index.ts'
import { assert, breakwaterError, type UnixMs } from '../../model/index.ts'
import { FIRST_ACCOUNT, MAX_ATOMS, SLOT, WALLET } from './layout.ts'
import { compileMarket, type Market, type MarketOptions } from './market.ts'

/** What an exchange is made of. `accounts`: how many users it can have; `start`: its first instant. */
export type ExchangeOptions = {
  readonly profile: PerpProfile
  readonly markets: readonly MarketOptions[]
  readonly accounts: number
  readonly start: UnixMs
  /** Decimals of a settle currency's atoms: 6 for dollars and 8 for coins unless given here. */
  readonly decimals?: Readonly<Record<string, number>> | undefined
  /** Whether users may hold a long and a short at once (the profile must allow it). */
  readonly hedge?: boolean | undefined
  /** Every event is written (the default), or only counted. */
  readonly events?: boolean | undefined
}

/** Words per event record. */
export const EVENT_WORDS = 12

/** The state. Everything that changes is in typed arrays or in `clock`. */
export type State = {
  readonly profile: PerpProfile
  readonly options: ExchangeOptions
  readonly markets: readonly Market[]
  readonly currencies: readonly string[]
  readonly decimals: readonly number[]
  /** Accounts, the venue's own included. */
  readonly accounts: number
  /** Position records per account and market: 2 in hedge mode. */
  readonly legs: number
  readonly makerFee: number
  readonly takerFee: number
  readonly liquidationFee: number
  /** Per account and currency: atoms of the wallet that isolated orders reserve. */
  readonly reserved: Float64Array
  /** Per currency: the market whose records hold the wallets. */
  readonly homes: readonly Market[]
  /** Per account: when it was last liquidated in part, ms. */
  readonly partials: Map<number, number>
  /** Deposits minus withdrawals, per currency. */
  readonly deposited: Float64Array
  /** Per currency: the insurance fund with the highest of its window, for drawdown rules. */
  readonly funds: InsuranceFund[]
  time: number
  /** Event records since the last `clear`, {@link EVENT_WORDS} each. */
  events: Float64Array
  eventCount: number
  /** Events ever written. */
  eventTotal: number
  /** Why the last request was refused, with the value and the limit: see refusals. */
  refusal: number
  refusedValue: number
  refusedLimit: number
}

/** Makes an empty exchange. Throws `bad-config` naming what no exchange can have. */
export function createState(options: ExchangeOptions): State {
  const { profile } = options
  const users = options.accounts
  if (!Number.isInteger(users) || users < 1 || users > 1 << 22)
    throw breakwaterError('bad-config', `an exchange has 1 to ${1 << 22} accounts, not ${users}`, { accounts: users })
  if (options.hedge && !profile.hedgeMode)
    throw breakwaterError('bad-config', `${profile.id} has no hedge mode`, { profile: profile.id })
  if (options.markets.length === 0) throw breakwaterError('bad-config', 'an exchange needs a market')
  const accounts = users + FIRST_ACCOUNT
  const legs = options.hedge ? 2 : 1
  const rules = options.markets.map(({ symbol }) => {
    const found = profile.markets.find((market) => market.symbol === symbol)
    if (!found)
      throw breakwaterError('not-found', `${profile.id} has no market ${symbol}`, {
        symbol,
        known: profile.markets.map((market) => market.symbol).join(', '),
      })
    return found
  })
  const currencies = [...new Set(rules.map(({ settle }) => settle))]
  const decimals = currencies.map((currency) => options.decimals?.[currency] ?? (isDollarLike(currency) ? 6 : 8))
  const markets = rules.map((rule, at) => {
    const currency = currencies.indexOf(rule.settle)
    return compileMarket(
      at,
      rule,
      options.markets[at] as MarketOptions,
      currency,
      10 ** (decimals[currency] as number),
      accounts * legs,
      (minTick, maxTick, capacity) => createBook({ minTick, maxTick, capacity }),
    )
  })
  const groups = accounts * currencies.length
  return {
    profile,
    options,
    markets,
    currencies,
    decimals,
    accounts,
    legs,
    makerFee: feeRate(profile.fees.maker),
    takerFee: feeRate(profile.fees.taker),
    liquidationFee: feeRate(profile.order.fee),
    reserved: new Float64Array(groups),
    homes: currencies.map((_, currency) => markets.find((market) => market.currency === currency) as Market),
    partials: new Map(),
    deposited: new Float64Array(currencies.length),
    funds: currencies.map(() => openFund(0, options.start)),
    time: options.start,
    events: new Float64Array(EVENT_WORDS * 1024),
    eventCount: 0,
    eventTotal: 0,
    refusal: 0,
    refusedValue: 0,
    refusedLimit: 0,
  }
}

function isDollarLike(currency: string): boolean {
  return /^USD|USD$|^DAI$/.test(currency)
}

/** Number of an account's wallet group in a currency. */
export function groupOf(state: State, account: number, currency: number): number {
  return account * state.currencies.length + currency
}

/** Adds signed atoms to an account's wallet in a currency. */
export function credit(state: State, account: number, currency: number, atoms: number): void {
  const { floats } = state.homes[currency] as Market
  const at = account * state.legs * SLOT + WALLET
  const balance = (floats[at] as number) + atoms
  assert(balance <= MAX_ATOMS && balance >= -MAX_ATOMS, 'a wallet leaves the safe integers')
  floats[at] = balance
}

/** An account's wallet in a currency, atoms. */
export function walletOf(state: State, account: number, currency: number): number {
  return (state.homes[currency] as Market).floats[account * state.legs * SLOT + WALLET] as number
}

/** The market of a number; asserts that there is one. */
export function marketAt(state: State, market: number): Market {
  const found = state.markets[market]
  assert(found, `no market ${market}`)
  return found
}
