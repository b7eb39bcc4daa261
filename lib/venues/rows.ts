/** What decoders share when they read rows of JSON: checked numbers and times, refusals, and one builder per fact. */
import {
  type AutoDeleveraging,
  coinOf,
  type Instrument,
  isDollar,
  type PerpLiquidation,
  type PriceKind,
  type Side,
  type UnixMs,
  unixMs,
  valueContracts,
} from '../model/index.ts'
import type { Channel, CoverageFact, Decoded, Refused } from './venue.ts'

/** A JSON object whose fields are still to be checked. */
export type Row = Readonly<Record<string, unknown>>

const PART_LENGTH = 400

/** The JSON value of a frame, or `undefined` when it is no JSON (no frame of ours is the literal `undefined`). */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** True for a JSON object (not an array, not null). */
export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A list, or an empty one when `value` is something else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** What the rows of a frame give, equal ones numbered; a refusal of the frame when it has no list of rows. */
export function rowsOf(
  list: unknown,
  frame: unknown,
  decode: (row: unknown) => Decoded | Refused | readonly (Decoded | Refused)[],
): readonly (Decoded | Refused)[] {
  if (!Array.isArray(list)) return [refusal('it has no list of rows', frame)]
  const found: (Decoded | Refused)[] = []
  for (const row of list) {
    const facts = decode(row)
    if ('type' in facts) found.push(facts)
    else for (const fact of facts) found.push(fact)
  }
  return numbered(found)
}

/** A finite number written as a number or as plain decimal text; else `undefined`. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string' || !startsDecimal(value)) return undefined
  const number = Number(value)
  return Number.isFinite(number) ? number : undefined
}

/** `Number` takes blanks for 0 and `0x10` for 16; no venue writes either and means it. Character codes, as this runs for every value. */
function startsDecimal(text: string): boolean {
  const first = text.charCodeAt(0)
  const digit = first >= 48 && first <= 57
  if (!digit) return (first === 45 || first === 43 || first === 46) && text.length > 1
  const second = text.charCodeAt(1)
  return !(first === 48 && second > 57 && second !== 101 && second !== 69)
}

/** A finite number above zero; else `undefined`. */
export function positiveOf(value: unknown): number | undefined {
  const number = numberOf(value)
  return number !== undefined && number > 0 ? number : undefined
}

/** Text of at least one character; else `undefined`. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Milliseconds since 1970 from a whole number (or its text) inside the years a record may carry; else `undefined`. */
export function millisOf(value: unknown): UnixMs | undefined {
  const number = numberOf(value)
  return number === undefined ? undefined : unixMs(number)
}

/** Milliseconds since 1970 from an ISO 8601 instant; a fraction finer than a millisecond is cut. */
export function isoMillisOf(value: unknown): UnixMs | undefined {
  return typeof value === 'string' && value.length >= 10 ? unixMs(Math.trunc(Date.parse(value))) : undefined
}

/** A refusal with its reason and the row it is about, shortened. */
export function refusal(reason: string, row: unknown): Refused {
  const part = typeof row === 'string' ? row : JSON.stringify(row)
  return { type: 'refused', reason, part: part?.slice(0, PART_LENGTH) }
}

/** What a decoder knows of one forced close before it is checked. `units`: contracts as the instrument counts them. */
export type Closing = {
  readonly row: unknown
  readonly instrument: Instrument
  readonly side: Side | undefined
  readonly units: number | undefined
  readonly price: number | undefined
  readonly priceKind: PriceKind
  readonly time: UnixMs | undefined
  /** True where the venue's frames carry no time at all; else a missing time is refused. */
  readonly timeless?: boolean
  readonly key: string
  readonly contracts?: number | undefined
  readonly account?: string | undefined
  readonly method?: 'market' | 'backstop' | undefined
  readonly flags?: readonly string[] | undefined
}

/** The refusal that numbers outside of sense deserve, or `undefined` when the row is sound. */
function fault({ units, price, time, timeless }: Closing): string | undefined {
  if (units === undefined || !(units > 0)) return 'the size is no number above zero'
  if (price === undefined || !(price > 0)) return 'the price is no number above zero'
  if (time === undefined && !timeless) return 'the time is missing or outside 2009 to 2100'
  return undefined
}

/** A liquidation from checked parts, valued by its instrument; absurd numbers are refused. */
export function liquidationOf(closing: Closing): Decoded | Refused {
  const reason = fault(closing)
  if (reason !== undefined) return refusal(reason, closing.row)
  const { instrument, side, priceKind, key, time, contracts, account, method, flags } = closing
  const price = closing.price as number
  const { size, usd } = valueContracts(instrument, closing.units as number, price)
  if (!soundOrUnknown(size) || !soundOrUnknown(usd)) return refusal('size or value is beyond all numbers', closing.row)
  // One object, grown by what is known: decoding is hot, and spreading a part per field costs more than parsing the frame.
  const fact: Mutable<PerpLiquidation & Pick<Decoded, 'key' | 'time' | 'flags'>> = {
    type: 'perp-liquidation',
    instrument: instrument.symbol,
    coin: instrument.coin,
    side,
    size,
    price,
    priceKind,
    usd,
    key,
    time,
  }
  if (contracts !== undefined) fact.contracts = contracts
  if (usd !== undefined) fact.usdBasis = 'notional'
  if (account !== undefined) fact.account = account
  if (method !== undefined) fact.method = method
  if (flags?.length) fact.flags = flags
  return fact
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** An auto-deleveraging from checked parts; `side` is that of the profitable position which was closed. */
export function deleveragingOf(closing: Closing): Decoded | Refused {
  const reason = fault(closing)
  if (reason !== undefined) return refusal(reason, closing.row)
  const { instrument, side, key, time, account } = closing
  const price = closing.price as number
  const { size, usd } = valueContracts(instrument, closing.units as number, price)
  if (!soundOrUnknown(size) || !soundOrUnknown(usd)) return refusal('size or value is beyond all numbers', closing.row)
  const fact: AutoDeleveraging = {
    type: 'auto-deleveraging',
    instrument: instrument.symbol,
    coin: instrument.coin,
    side,
    size,
    price,
    usd,
    ...(usd === undefined ? {} : { usdBasis: 'notional' as const }),
    ...(account === undefined ? {} : { account }),
  }
  return { ...fact, key, time }
}

function soundOrUnknown(value: number | undefined): boolean {
  return value === undefined || (Number.isFinite(value) && value > 0)
}

/** A ticker's parts as a venue states them; whatever is `undefined` gives no fact. */
export type Ticker = {
  readonly instrument: Instrument
  /** The venue's time, `undefined` where the frame has none. */
  readonly time: UnixMs | undefined
  /** When the frame came: tells two equal, timeless tickers apart. */
  readonly received: UnixMs
  readonly mark?: number | undefined
  readonly index?: number | undefined
  readonly funding?: { rate: number | undefined; intervalHours: number | undefined; nextAt?: UnixMs | undefined }
  /** Open contracts as the instrument counts them. */
  readonly open?: number | undefined
}

/** A ticker's values as the venue wrote them. */
export type TickerText = {
  readonly time?: unknown
  readonly mark?: unknown
  readonly index?: unknown
  readonly rate?: unknown
  readonly open?: unknown
}

/**
 * The refusal of a ticker that cannot be true: values that are no numbers, prices or open interest below zero, a rate of 100 % or
 * more, a time outside 2009 to 2100. What is absent or empty says nothing and is no fault.
 */
export function tickerFault(row: unknown, { time, mark, index, rate, open }: TickerText): Refused | undefined {
  const wrong = (value: unknown, sound: (number: number) => boolean) => {
    if (value === undefined || value === null || value === '') return false
    const number = numberOf(value)
    return number === undefined || !sound(number)
  }
  const atLeastZero = (number: number) => number >= 0
  if (wrong(mark, atLeastZero) || wrong(index, atLeastZero)) return refusal('a price that is none', row)
  if (wrong(open, atLeastZero)) return refusal('open interest that is none', row)
  if (wrong(rate, (number) => Math.abs(number) < 1)) return refusal('a funding rate that is none', row)
  return wrong(time, (number) => unixMs(number) !== undefined)
    ? refusal('the time is outside 2009 to 2100', row)
    : undefined
}

/** Mark, funding and open interest of one ticker. Zero open interest is a fact; a mark of zero or less is not a price. */
export function tickerFacts(ticker: Ticker): Decoded[] {
  const { instrument, time, mark, index, funding, open } = ticker
  const at = `${instrument.symbol}|${time ?? `received ${ticker.received}`}`
  const named = { instrument: instrument.symbol, coin: instrument.coin, time }
  const facts: Decoded[] = []
  if (mark !== undefined && mark > 0) {
    const indexed = index !== undefined && index > 0 ? { index } : {}
    facts.push({ type: 'mark', ...named, price: mark, ...indexed, key: `mark|${at}` })
  }
  if (funding?.rate !== undefined && Math.abs(funding.rate) < 1) {
    const { rate, intervalHours, nextAt } = funding
    const next = nextAt === undefined ? {} : { nextAt }
    facts.push({ type: 'funding', ...named, rate, intervalHours, ...next, key: `funding|${at}` })
  }
  if (open !== undefined && open >= 0) {
    const price = mark !== undefined && mark > 0 ? mark : undefined
    facts.push({ type: 'open-interest', ...named, ...openValue(instrument, open, price), key: `oi|${at}` })
  }
  return facts
}

/** Coins and dollars of open contracts; without a price only what the contract itself says. */
function openValue(instrument: Instrument, open: number, price: number | undefined) {
  if (price !== undefined) return valueContracts(instrument, open, price)
  const units = open * instrument.contractSize
  if (instrument.payoff === 'linear') return { size: units, usd: undefined }
  return { size: undefined, usd: instrument.payoff === 'inverse' && isDollar(instrument.quote) ? units : undefined }
}

const EIGHT_HOURS = 8 * 3_600_000

/**
 * Hours between fundings where a venue pays every eight by its own rule and its frames do not say otherwise; `undefined` when the
 * next time is unknown, or off the eight-hour grid and so shows a contract that is paid more often.
 */
export function defaultFundingHours(nextAt: UnixMs | undefined): number | undefined {
  return nextAt !== undefined && nextAt % EIGHT_HOURS === 0 ? 8 : undefined
}

/** Cuts a list into pieces of at most `length`. */
export function piecesOf<T>(list: readonly T[], length: number): T[][] {
  const pieces: T[][] = []
  for (let at = 0; at < list.length; at += length) pieces.push(list.slice(at, at + length))
  return pieces
}

/** Gives the n-th of several facts with one key within a frame the key `…#n`, so that equal orders stay two. */
export function numbered(facts: readonly (Decoded | Refused)[]): readonly (Decoded | Refused)[] {
  if (facts.length < 2 || !keysRepeat(facts)) return facts
  const seen = new Map<string, number>()
  return facts.map((fact) => {
    if (fact.type === 'refused') return fact
    const before = seen.get(fact.key) ?? 0
    seen.set(fact.key, before + 1)
    return before === 0 ? fact : { ...fact, key: `${fact.key}#${before}` }
  })
}

function keysRepeat(facts: readonly (Decoded | Refused)[]): boolean {
  const seen = new Set<string>()
  for (const fact of facts) {
    if (fact.type === 'refused') continue
    if (seen.has(fact.key)) return true
    seen.add(fact.key)
  }
  return false
}

const LINEAR = /^(.+?)[-_/]?(USDT|USDC|BUSD|FDUSD|USD1|USDE|USD|EUR|BTC|ETH)(?:[-_](?:SWAP|PERP|\d{6}|\d{8}))?$/

/** A linear contract guessed from its symbol (`BTCUSDT`, `BTC-USDT`, `BTC_USDT_250926`): coin and quote; one contract is `contractSize` coins. */
export function linearBySymbol(symbol: string, contractSize = 1): Instrument {
  const match = LINEAR.exec(symbol)
  const quote = match?.[2] ?? ''
  return { symbol, coin: coinOf(match?.[1] ?? symbol), quote, settle: quote, payoff: 'linear', contractSize }
}

/** An inverse dollar contract: one contract is `contractSize` dollars, paid in the coin. */
export function inverseContract(symbol: string, coin: string, contractSize = 1): Instrument {
  return { symbol, coin: coinOf(coin), quote: 'USD', settle: coinOf(coin), payoff: 'inverse', contractSize }
}

/** Coverage of channels that are asked for once a minute: what is answered is complete at that instant. */
export function polledFacts(page: string, channels: readonly Channel[]): CoverageFact[] {
  return channels.map((channel) => ({
    channel,
    since: undefined,
    policy: { kind: 'complete' },
    page,
    note: 'Asked once a minute.',
  }))
}
