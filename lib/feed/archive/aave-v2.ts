/**
 * The Aave v2 LiquidationCall table (Ethereum, main and AMM pool, 2020-12-17 to 2022-04-03): two encodings in one file, prices joined from an hourly table.
 *
 * A row whose `liquidator` is empty holds raw integer token units; any other holds decimal tokens. Dollars: principal × the last hourly price at or before
 * the event, less than six hours old (before the first price: the first, same limit); a dollar stablecoin without one counts at par; anything else is unpriced.
 * Rows that agree in time, user, both reserves and the first twelve characters of the principal are one event (11,497 rows, 11,484 events).
 */
import { readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { atoms, breakwaterError, formatFixed, isDollar, type Leg, type UnixMs, unixMs } from '../../model/index.ts'
import type { Decoded, Refused } from '../../venues/index.ts'
import { chunked, lineRecords } from './chunks.ts'
import { type CsvRow, csvReader } from './csv.ts'
import { type HourlyPrices, readHourlyPrices } from './hourly-prices.ts'
import type { Importer } from './importer.ts'
import { readLines } from './lines.ts'

const TABLE = /^liquidations_.*\.csv(\.gz)?$/
const COLUMNS = [
  'collateralAmount',
  'collateralReserve',
  'pool',
  'principalAmount',
  'principalReserve',
  'timestamp',
  'user',
  'type',
  'liquidator',
]
const KEY_CHARACTERS = 12
const POOLS: Readonly<Record<string, string>> = {
  '0xb53c1a33016b2dc2ff3653530bff1848a515c8c5': 'main',
  '0xacc030ef66f9dfeae9cbb0cd1b25654b82cfa8d5': 'amm',
}
/** Dollar stablecoins of that time that are none today. */
const DOLLARS_THEN: ReadonlySet<string> = new Set(['FEI', 'UST'])
/** Value seized ÷ value repaid outside of this is no liquidation bonus (Aave's were 1.00 to 1.15) but a wrong or a late price. */
const PLAUSIBLE = { least: 0.9, most: 1.3 }
/** Our dollars of the principal ÷ the table's own outside of this: one of the two is wrong. */
const AGREEING = { least: 0.8, most: 1.25 }
/** Below this many dollars rounding alone can upset a ratio. */
const LEAST_COMPARED = 1

type Companions = { readonly decimals: ReadonlyMap<string, number>; readonly prices: HourlyPrices }

/** Imports the table, with `reserve_tokens.csv` and `usd_prices_hourly.csv.gz` from the same folder. */
export const aaveV2: Importer = {
  id: 'aave-v2',
  what: 'Aave v2 LiquidationCall table with reserves and hourly prices',
  claims: ({ isFolder, entries, head }) =>
    isFolder
      ? entries.some((entry) => TABLE.test(entry)) && entries.includes('reserve_tokens.csv')
      : head.startsWith('collateralAmount,collateralReserve,pool,principalAmount,'),
  read: async function* (path, context) {
    const table = tableOf(path)
    const companions = await readCompanions(dirname(table))
    let read: ReturnType<typeof csvReader> | undefined
    const records = lineRecords(table, 'aave-v2', ({ text }) => {
      if (!read) {
        read = csvReader(text, COLUMNS, table)
        return { decoded: [] }
      }
      const { row, complete } = read(text)
      if (!complete)
        return { decoded: [{ type: 'refused', reason: 'the row has another number of cells than the header' }] }
      return { decoded: row('type') === 'liquidation' ? [decodeRow(row, companions)] : [] }
    })
    yield* chunked(records, basename(table), context)
  },
}

function tableOf(path: string): string {
  if (/\.csv(\.gz)?$/.test(path)) return path
  const found = readdirSync(path).find((entry) => TABLE.test(entry))
  if (found) return join(path, found)
  throw breakwaterError(
    'bad-file',
    `${path} holds no liquidations table`,
    { path },
    { fix: 'Name the folder with liquidations_*.csv.gz, or the file itself.' },
  )
}

async function readCompanions(folder: string): Promise<Companions> {
  const names = readdirSync(folder)
  if (!names.includes('reserve_tokens.csv'))
    throw breakwaterError(
      'bad-file',
      `${folder} lacks reserve_tokens.csv: raw amounts cannot be read without the tokens' decimals`,
      { folder },
      { fix: 'Put reserve_tokens.csv beside the table.' },
    )
  const decimals = new Map<string, number>()
  let read: ReturnType<typeof csvReader> | undefined
  for await (const { text } of readLines(join(folder, 'reserve_tokens.csv'))) {
    if (!read) read = csvReader(text, ['symbol', 'decimals'], 'reserve_tokens.csv')
    else if (text !== '') {
      const { row } = read(text)
      decimals.set(row('symbol') ?? '', Number(row('decimals')))
    }
  }
  const prices = names.find((name) => /^usd_prices_hourly\.csv/.test(name))
  return { decimals, prices: await readHourlyPrices(prices && join(folder, prices)) }
}

function decodeRow(row: CsvRow, companions: Companions): Decoded | Refused {
  const seconds = row('timestamp')
  const time = unixMs(Number(seconds) * 1000)
  if (time === undefined) return { type: 'refused', reason: `timestamp ${seconds} is no time in seconds` }
  const user = row('user')
  if (user === undefined) return { type: 'refused', reason: 'no user' }
  const raw = row('liquidator') === undefined
  const repaid = legOf(row('principalReserve'), row('principalAmount'), raw, time, companions)
  const seized = legOf(row('collateralReserve'), row('collateralAmount'), raw, time, companions)
  if ('reason' in repaid) return repaid
  if ('reason' in seized) return seized
  const { usdBasis, ...principal } = repaid
  const { usdBasis: _basis, ...collateral } = seized
  const content = [
    seconds,
    user,
    row('principalReserve'),
    row('collateralReserve'),
    row('principalAmount')?.slice(0, KEY_CHARACTERS),
  ].join('|')
  const flags = doubtsOf(principal, collateral, row)
  return {
    type: 'loan-liquidation',
    protocol: 'aave-v2',
    market: POOLS[row('pool') ?? ''] ?? row('pool') ?? '',
    account: user.toLowerCase(),
    liquidator: row('liquidator')?.toLowerCase(),
    repaid: principal,
    seized: collateral,
    usd: principal.usd,
    usdBasis,
    place: { chain: 'ethereum' },
    ...(flags.length > 0 ? { flags } : {}),
    key: content,
    time,
  }
}

type Valued = Leg & { readonly usdBasis: 'price-join' | 'dollar-par' | undefined }

function legOf(
  reserve: string | undefined,
  text: string | undefined,
  raw: boolean,
  time: UnixMs,
  { decimals, prices }: Companions,
): Valued | Refused {
  if (reserve === undefined || text === undefined)
    return { type: 'refused', reason: 'a reserve or an amount is missing' }
  const asset = reserve.replace(/^Amm(?=[A-Z])/, '')
  const places = decimals.get(reserve)
  if (raw && !/^\d+$/.test(text))
    return { type: 'refused', reason: `${reserve} amount ${text} is no whole number of units` }
  if (raw && places === undefined) return { type: 'refused', reason: `the decimals of ${reserve} are not known` }
  const amount = raw ? formatFixed(BigInt(text), places as number) : text
  const size = Number(amount)
  if (!Number.isFinite(size) || size < 0) return { type: 'refused', reason: `${reserve} amount ${text} is no amount` }
  // The AMM pool's reserves have names of their own (`AmmDAI`); no price table lists them, so they stay unpriced.
  const joined = prices(reserve, time)
  const par = joined === undefined && (isDollar(reserve) || DOLLARS_THEN.has(reserve))
  const usd = joined !== undefined ? size * joined : par ? size : undefined
  const usdBasis = joined !== undefined ? 'price-join' : par ? 'dollar-par' : undefined
  return { asset, amount, ...(raw ? { atoms: atoms(BigInt(text)), decimals: places } : {}), usd, usdBasis }
}

/**
 * Doubts about the dollars of a row, which stays counted and summed as it is. No doubt where two prices of our own fit a bonus.
 * `implausible-price`: the value repaid is doubtful: it fits no bonus and the principal is no dollar, or the table's own value is another.
 * `implausible-collateral-price`: a dollar was repaid, so only the value seized is doubtful.
 */
function doubtsOf(repaid: Leg, seized: Leg, row: CsvRow): string[] {
  const theirs = {
    repaid: numberOf(row('amountUSDPrincipal')),
    seized: numberOf(row('amountUSDCollateral')),
  }
  if (repaid.usd === undefined || !(repaid.usd > LEAST_COMPARED)) return []
  const value = seized.usd ?? theirs.seized
  const fits = value === undefined || between(value / repaid.usd, PLAUSIBLE)
  if (fits && seized.usd !== undefined) return []
  const disagrees = theirs.repaid !== undefined && !between(repaid.usd / theirs.repaid, AGREEING)
  const dollar = isDollar(repaid.asset) || DOLLARS_THEN.has(repaid.asset)
  if (disagrees || (!fits && !dollar)) return ['implausible-price']
  return fits ? [] : ['implausible-collateral-price']
}

function between(value: number, { least, most }: { least: number; most: number }): boolean {
  return value >= least && value <= most
}

function numberOf(text: string | undefined): number | undefined {
  const value = Number(text)
  return text !== undefined && Number.isFinite(value) && value > 0 ? value : undefined
}
