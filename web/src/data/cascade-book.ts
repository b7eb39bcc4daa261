/**
 * Positions to start a cascade from: a simulated book by its seed, or a list that somebody pastes (rows of a CSV, JSON rows, Hyperliquid's
 * `clearinghouseState`, or loans). All of it stays in the browser. Prices in dollars per coin, sizes in coins.
 */
import { openedLevels } from '../../../lib/analytics/index.ts'
import { type Prng, prng } from '../../../lib/model/index.ts'
import { DEFAULT_MAINTENANCE, DEMO_COINS, type DemoCoin } from '../../../lib/sim/index.ts'

/** One position or loan. `perCoin`: what it owes or has put in besides its coins, per coin: equity = size · (sign · price − sign · perCoin). */
export type BookPosition = {
  readonly account: string
  readonly coin: string
  readonly side: 'long' | 'short'
  readonly kind: 'perp' | 'loan'
  /** Coins, and the price at which they came; a loan has none. */
  readonly size: number
  readonly entry: number | undefined
  /** Where it is liquidated, and where nothing of its margin is left. */
  readonly liquidation: number
  readonly bankruptcy: number
}

/** Depth of a coin's market: coins within 1 % of the middle price, coins traded a day. */
export type CoinMarket = { readonly price: number; readonly onePercent: number; readonly dailyVolume: number }

/** Positions and the markets of their coins. */
export type CascadeBook = {
  readonly positions: readonly BookPosition[]
  readonly coins: ReadonlyMap<string, CoinMarket>
  /** Rows that are none, with why. */
  readonly refused: readonly string[]
}

/** Share of positions that came in together at a leverage that menus offer. */
const CROWDED = 0.4
const POPULAR = [3, 5, 10, 10, 20] as const
/** Positions per coin of the simulated book. */
const DEMO_POSITIONS = 2_400
/** Of notional: half of the initial margin at 50×. */
const MAINTENANCE = 0.01
/** The simulated book's open interest of a coin of weight 1, dollars; depth within 1 % and volume a day as parts of a coin's open interest. */
const DEMO_INTEREST = 2_400e6
const DEPTH_PART = 0.06
const VOLUME_PART = 2.5

/** The simulated book of a seed: leverages from 2× to 50×, heavy-tailed sizes, entries around recent prices. */
export function demoBook(seed: string): CascadeBook {
  const root = prng(seed).fork('cascade/book')
  const coins = DEMO_COINS.slice(0, 3)
  return {
    positions: coins.flatMap((coin) => demoPositions(coin, root.fork(coin.coin))),
    coins: new Map(coins.map((coin) => [coin.coin, marketOf(coin.price, DEMO_INTEREST * coin.weight)])),
    refused: [],
  }
}

function marketOf(price: number, interest: number): CoinMarket {
  return { price, onePercent: (DEPTH_PART * interest) / price, dailyVolume: (VOLUME_PART * interest) / price }
}

function demoPositions({ coin, price, beta, weight }: DemoCoin, chance: Prng): readonly BookPosition[] {
  const drawn: BookPosition[] = []
  let sum = 0
  while (drawn.length < DEMO_POSITIONS) {
    const side = chance.next() < 0.56 ? 'long' : 'short'
    const crowded = chance.next() < CROWDED
    const spread = Math.min(50, Math.max(2, 6 * Math.exp(0.7 * chance.normal())))
    const leverage = crowded ? chance.pick(POPULAR) : spread
    // Crowds came in together, a little on the wrong side of the present price.
    const moved = crowded
      ? (side === 'long' ? 0.012 : -0.012) * beta + 0.006 * chance.normal()
      : 0.03 * beta * chance.normal()
    const entry = told(price * Math.exp(moved))
    const size = Math.exp(1.5 * chance.normal())
    const account = `0x${chance
      .int(2 ** 32)
      .toString(16)
      .padStart(8, '0')}`
    const [level] = openedLevels(entry, 1, 1, { leverages: [{ leverage, share: 1 }], maintenance: MAINTENANCE })
    const at = told((side === 'long' ? level?.longPrice : level?.shortPrice) ?? price)
    // What would be liquidated at once is no open position.
    if (side === 'long' ? at >= price : at <= price) continue
    const bankruptcy = told(side === 'long' ? entry * (1 - 1 / leverage) : entry * (1 + 1 / leverage))
    drawn.push({ account, coin, side, kind: 'perp', size, entry, liquidation: at, bankruptcy })
    sum += size * price
  }
  const scale = (DEMO_INTEREST * weight) / sum
  return drawn.map((one) => ({ ...one, size: told(one.size * scale) }))
}

/** Nine digits: engines differ in the last bits of exp and cos, and the same seed is the same book in all of them. */
function told(value: number): number {
  return Number(value.toPrecision(9))
}

/** Reads a pasted list. Prices of its coins are the demo's unless a row gives `mark`; every bad row is told, the others count. */
export function parseBook(text: string): CascadeBook {
  const refused: string[] = []
  const positions: BookPosition[] = []
  const marks = new Map<string, number>()
  rowsOf(text, refused).forEach((row, at) => {
    const read = positionOf(row, marks)
    if (typeof read === 'string') refused.push(`row ${at + 1}: ${read}`)
    else positions.push(read)
  })
  const coins = new Map<string, CoinMarket>()
  for (const coin of new Set(positions.map((one) => one.coin))) {
    const mine = positions.filter((one) => one.coin === coin)
    const price = marks.get(coin) ?? DEMO_COINS.find((one) => one.coin === coin)?.price
    if (price === undefined) {
      refused.push(`${coin}: no price is known; add a column mark`)
      continue
    }
    const interest = mine.reduce((sum, { size }) => sum + size * price, 0)
    coins.set(coin, marketOf(price, interest))
  }
  return { positions: positions.filter(({ coin }) => coins.has(coin)), coins, refused }
}

type Row = Readonly<Record<string, unknown>>

function rowsOf(text: string, refused: string[]): readonly Row[] {
  if (text.trim() === '') return []
  if (!/^\s*[[{]/.test(text)) return csvRows(text)
  try {
    return jsonRows(JSON.parse(text) as unknown)
  } catch (error) {
    refused.push(`not JSON: ${(error as Error).message}`)
    return []
  }
}

/** Rows of a list, or the positions of Hyperliquid's `clearinghouseState` answers, one or many. */
function jsonRows(value: unknown, account = ''): readonly Row[] {
  if (Array.isArray(value)) return value.flatMap((one, at) => jsonRows(one, account || `account ${at + 1}`))
  if (typeof value !== 'object' || value === null) return []
  const record = value as Row
  const { assetPositions, position } = record
  const owner = String(record['user'] ?? record['account'] ?? account)
  if (Array.isArray(assetPositions)) return assetPositions.flatMap((one) => jsonRows(one, owner))
  if (typeof position === 'object' && position !== null) return [{ account, ...(position as Row) }]
  return [{ account, ...record }]
}

function csvRows(text: string): readonly Row[] {
  const [head = '', ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const names = head.split(/[,;\t]/).map((name) => name.trim().replace(/^"|"$/g, ''))
  return lines.map((line) => {
    const cells = line.split(/[,;\t]/).map((cell) => cell.trim().replace(/^"|"$/g, ''))
    return Object.fromEntries(names.map((name, at) => [name, cells[at] ?? '']))
  })
}

function positionOf(row: Row, marks: Map<string, number>): BookPosition | string {
  const word = (...names: string[]) => {
    const name = names.find((one) => row[one] !== undefined && row[one] !== '' && row[one] !== null)
    return name === undefined ? undefined : row[name]
  }
  const number = (...names: string[]) => (word(...names) === undefined ? undefined : Number(word(...names)))
  const coin = String(word('coin', 'symbol', 'collateral', 'asset') ?? '').toUpperCase()
  if (coin === '') return 'names no coin'
  const account = String(word('account', 'user', 'id', 'owner') ?? 'unnamed')
  const mark = number('mark', 'markPx', 'price')
  if (mark !== undefined) {
    if (!(mark > 0 && Number.isFinite(mark))) return `mark ${mark} is no price`
    marks.set(coin, mark)
  }
  const debt = number('debt')
  const size = number('size', 'szi', 'coins', 'quantity')
  if (size === undefined || !Number.isFinite(size) || size === 0)
    return `size ${String(word('size', 'szi', 'coins'))} is none`
  if (debt !== undefined) return loanOf({ account, coin, size, debt, threshold: number('lt', 'threshold') ?? 0.8 })
  return perpOf(
    { account, coin, size, side: word('side'), entry: number('entry', 'entryPx') },
    { leverage: leverageIn(row['leverage']), told: number('liquidation', 'liquidationPx') },
    number('margin', 'marginUsed'),
  )
}

/** A number, or Hyperliquid's `{ type, value }`. */
function leverageIn(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined
  return Number(typeof value === 'object' ? (value as Row)['value'] : value)
}

function loanOf(loan: {
  account: string
  coin: string
  size: number
  debt: number
  threshold: number
}): BookPosition | string {
  const { account, coin, size, debt, threshold } = loan
  if (!(debt > 0 && Number.isFinite(debt))) return `a debt of ${debt} liquidates nothing`
  if (!(threshold > 0 && threshold < 1)) return `a liquidation threshold of ${threshold} is not between 0 and 1`
  if (!(size > 0)) return `${size} coins are no collateral`
  return {
    account,
    coin,
    side: 'long',
    kind: 'loan',
    size,
    entry: undefined,
    liquidation: debt / (size * threshold),
    bankruptcy: debt / size,
  }
}

function perpOf(
  {
    account,
    coin,
    size,
    side: told,
    entry,
  }: { account: string; coin: string; size: number; side: unknown; entry: number | undefined },
  { leverage, told: liquidation }: { leverage: number | undefined; told: number | undefined },
  margin: number | undefined,
): BookPosition | string {
  const side = told === undefined ? (size < 0 ? 'short' : 'long') : String(told).toLowerCase()
  if (side !== 'long' && side !== 'short') return `side ${side} is neither long nor short`
  if (entry === undefined || !(entry > 0 && Number.isFinite(entry))) return 'has no entry price'
  const coins = Math.abs(size)
  const part = margin !== undefined ? margin / (coins * entry) : leverage !== undefined ? 1 / leverage : undefined
  if (part === undefined || !(part > 0 && Number.isFinite(part))) return 'has neither leverage nor margin'
  const sign = side === 'long' ? 1 : -1
  const bankruptcy = entry * (1 - sign * part)
  const at = liquidation ?? bankruptcy / (1 - sign * DEFAULT_MAINTENANCE)
  if (!(at > 0 && bankruptcy > 0)) return 'no price above 0 liquidates it'
  return { account, coin, side, kind: 'perp', size: coins, entry, liquidation: at, bankruptcy }
}

/** The perps of a book as the list that `breakwater stress --book FILE` reads; margins in dollars. */
export function bookCsv({ positions }: CascadeBook): string {
  const rows = positions.flatMap(({ kind, entry, ...one }) => {
    if (kind !== 'perp' || entry === undefined) return []
    const margin = Number((one.size * Math.abs(entry - one.bankruptcy)).toPrecision(12))
    return [[one.account, one.coin, one.side, one.size, entry, margin, one.liquidation].join(',')]
  })
  return `account,coin,side,size,entry,margin,liquidation\n${rows.join('\n')}\n`
}
