/** The crash of an arena: a shape in words, `v:-35%:6h`, or a path of prices read from a table. */
import { breakwaterError } from '../model/index.ts'

/** A path of outside prices, one a step; `seconds` between two steps, and what it is called. */
export type ArenaCrash = { readonly name: string; readonly prices: readonly number[]; readonly seconds: number }

/** Shapes by name: price at a part of the time (0..1) as the part of the fall that has happened, and what the shape is. */
export const CRASH_SHAPES = {
  v: { fallen: (t: number) => 1 - Math.abs(2 * t - 1), says: 'falls for half of the time and comes back' },
  step: {
    fallen: (t: number) => (t < 1 / 6 ? 0 : 1),
    says: 'stands for a sixth of the time, then falls at once and stays',
  },
  slide: {
    fallen: (t: number) => (t < 2 / 3 ? 1.5 * t : 1 - 1.5 * (t - 2 / 3)),
    says: 'slides for two thirds of the time and rebounds by half',
  },
  fall: { fallen: (t: number) => t, says: 'falls all the time' },
} as const satisfies Readonly<Record<string, { readonly fallen: (t: number) => number; readonly says: string }>>

const STEPS = 360
/** A table is read in about so many steps of a minute or more. */
const TABLE_STEPS = 1_440
const WORDS = /^(\w+):-?(\d+(?:\.\d+)?)%:(\d+(?:\.\d+)?)([smhd])$/
const UNITS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const

/** Seconds of `10m`, `6h`, `90s`, `2d`; `undefined` for other words. */
export function secondsOf(text: string): number | undefined {
  const found = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text)
  return found ? Number(found[1]) * UNITS[found[2] as keyof typeof UNITS] : undefined
}

/**
 * A crash of a shape in {@link CRASH_SHAPES}: `shape:-fall%:duration`, in `STEPS` steps that begin at a price. Throws `bad-scenario` for other words,
 * falls outside 0 to 99.9 %, and less than a minute or more than 30 days.
 */
export function crashOf(words: string, price: number): ArenaCrash {
  const found = WORDS.exec(words.trim())
  const shape = found && Object.hasOwn(CRASH_SHAPES, found[1] as string) ? CRASH_SHAPES[found[1] as 'v'] : undefined
  const [fall, time] = [Number(found?.[2]) / 100, Number(found?.[3]) * UNITS[(found?.[4] ?? 's') as 's']]
  if (!shape || !(fall > 0 && fall <= 0.999 && time >= 60 && time <= 30 * UNITS.d))
    throw breakwaterError(
      'bad-scenario',
      `the crash '${words}' is not SHAPE:-FALL%:DURATION such as v:-35%:6h (shapes: ${Object.keys(CRASH_SHAPES).join(', ')}; fall above 0 to 99.9 %; 1m to 30d)`,
      { crash: words },
    )
  const prices = Array.from({ length: STEPS + 1 }, (_, at) => price * (1 - fall * shape.fallen(at / STEPS)))
  return { name: words.trim(), prices, seconds: time / STEPS }
}

/**
 * A path read from text: a table with a header (`time`, `timestamp` or `datetime` in unix seconds, milliseconds, microseconds or ISO text, and
 * `price`, or `close` with or without the rest of its candle), or two columns without one. Between two prices it runs straight, in equal steps of a
 * minute or more. `from` and `to` (times as in the table) cut it. Throws `bad-scenario` naming the line.
 */
export function crashOfTable(
  name: string,
  text: string,
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined } = {},
): ArenaCrash {
  const [begin, end] = [limitOf(from), limitOf(to)]
  const rows = rowsOf(text).filter(({ time }) => time >= (begin ?? 0) && time <= (end ?? Number.POSITIVE_INFINITY))
  const [first, last] = [rows[0], rows.at(-1)]
  if (!first || !last || rows.length < 2 || last.time <= first.time)
    throw breakwaterError('bad-scenario', `${name} needs two or more prices at rising times`, { rows: rows.length })
  const seconds = Math.max(60, Math.round((last.time - first.time) / TABLE_STEPS))
  const prices: number[] = []
  let at = 0
  for (let time = first.time; time <= last.time; time += seconds) {
    while ((rows[at + 1]?.time ?? Number.POSITIVE_INFINITY) <= time) at += 1
    const [one, next] = [rows[at] as Row, rows[at + 1] ?? (rows[at] as Row)]
    const part = next.time > one.time ? (time - one.time) / (next.time - one.time) : 0
    prices.push(one.price + (next.price - one.price) * part)
  }
  const cut = [from, to].filter((one) => one !== undefined).join(' to ')
  return { name: cut === '' ? name : `${name} ${cut}`, prices, seconds }
}

function limitOf(text: string | undefined): number | undefined {
  const time = text === undefined ? undefined : timeOf(text.trim())
  if (text === undefined || time !== undefined) return time
  throw breakwaterError('bad-scenario', `'${text}' is no time such as 2021-05-19T06:00Z`, { text })
}

type Row = { readonly time: number; readonly price: number }

const NAMES = {
  time: ['time', 'timestamp', 'datetime', 'ts', 'date', 'open_time'],
  price: ['price', 'close', 'value'],
  open: ['open'],
  high: ['high'],
  low: ['low'],
} as const

function rowsOf(text: string): readonly Row[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const header = (lines[0] ?? '').split(',').map((cell) => cell.trim().toLowerCase())
  const named = header.some((cell) => /[a-z]{3}/.test(cell) && !/^\d/.test(cell))
  const place = (names: readonly string[]) => header.findIndex((cell) => names.includes(cell))
  const [timeAt, priceAt] = named ? [place(NAMES.time), place(NAMES.price)] : [0, 1]
  if (timeAt < 0 || priceAt < 0)
    throw breakwaterError(
      'bad-scenario',
      'line 1: the table has no column time (or timestamp, datetime) or none price (or close)',
      { header: header.join(',') },
    )
  const candle = named ? [place(NAMES.open), place(NAMES.high), place(NAMES.low), priceAt] : []
  const rows = lines.slice(named ? 1 : 0).map((line, index) => {
    const cells = line.split(',').map((cell) => cell.trim())
    const time = timeOf(cells[timeAt] ?? '')
    const prices = (candle.includes(-1) ? [priceAt] : candle.length > 0 ? candle : [priceAt]).map((at) =>
      Number(cells[at] || Number.NaN),
    )
    if (time === undefined || !prices.every((price) => price > 0))
      throw breakwaterError(
        'bad-scenario',
        `line ${index + (named ? 2 : 1)}: '${line}' has no time or no price above 0`,
        { line: index + (named ? 2 : 1) },
      )
    return { time, prices }
  })
  rows.forEach(({ time }, index) => {
    const line = index + (named ? 2 : 1)
    if (time < (rows[index - 1]?.time ?? Number.NEGATIVE_INFINITY))
      throw breakwaterError('bad-scenario', `line ${line}: '${lines[line - 1]}' is earlier than the line before it`, {
        line,
      })
  })
  const span = (rows[1]?.time ?? 0) - (rows[0]?.time ?? 0)
  return rows.flatMap(({ time, prices }, index) => {
    // A candle that is followed sooner than the first one was is so much shorter.
    const long = Math.min(span, (rows[index + 1]?.time ?? Number.POSITIVE_INFINITY) - time)
    return waysOf(prices).map((price, at) => ({ time: time + (at * long) / 4, price }))
  })
}

/** A candle as a way: its open, the extreme away from the close, the other extreme, its close; a single price is itself. */
function waysOf(prices: readonly number[]): readonly number[] {
  const [open, high, low, close] = prices
  if (open === undefined || high === undefined || low === undefined || close === undefined) return prices
  return close >= open ? [open, low, high, close] : [open, high, low, close]
}

/** Unix seconds of a number (above 1e14 microseconds, above 1e11 milliseconds) or of ISO text, which is UTC where it names no zone; nothing else. */
function timeOf(cell: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(cell)) {
    const value = Number(cell)
    return value > 1e14 ? value / 1e6 : value > 1e11 ? value / 1_000 : value
  }
  // Whatever else a host's clock would read in its own zone.
  const iso = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|UTC|[+-]\d\d:?\d\d)?)?$/.exec(cell)
  if (!iso) return undefined
  const [, day, time = '00:00', zone = 'Z'] = iso
  const value = Date.parse(`${day}T${time}${zone === 'UTC' ? 'Z' : zone.replace(/^(.\d\d)(\d\d)$/, '$1:$2')}`) / 1_000
  return Number.isFinite(value) ? value : undefined
}
