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
const LONGEST_STEPS = 20_000
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
 * A path read from text: a table with a header (`time` or `timestamp` in unix seconds, milliseconds or ISO text, and `price` or `close`), or two
 * columns without one. Prices stand until the next one; steps of equal length, at least a minute. Throws `bad-scenario` naming the line.
 */
export function crashOfTable(name: string, text: string): ArenaCrash {
  const rows = rowsOf(text)
  const [first, last] = [rows[0], rows.at(-1)]
  if (!first || !last || rows.length < 2 || last.time <= first.time)
    throw breakwaterError('bad-scenario', `${name} needs two or more prices at rising times`, { rows: rows.length })
  const span = last.time - first.time
  const seconds = Math.max(60, Math.ceil(span / LONGEST_STEPS), Math.round(span / Math.max(STEPS, rows.length - 1)))
  const prices: number[] = []
  let at = 0
  for (let time = first.time; time <= last.time; time += seconds) {
    while ((rows[at + 1]?.time ?? Number.POSITIVE_INFINITY) <= time) at += 1
    prices.push((rows[at] as Row).price)
  }
  return { name, prices, seconds }
}

type Row = { readonly time: number; readonly price: number }

function rowsOf(text: string): readonly Row[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const header = (lines[0] ?? '').split(',').map((cell) => cell.trim().toLowerCase())
  const named = header.some((cell) => /[a-z]{3}/.test(cell) && !/^\d/.test(cell))
  const column = (...names: string[]) => header.findIndex((cell) => names.includes(cell))
  const [timeAt, priceAt] = named
    ? [column('time', 'timestamp', 'ts', 'date', 'open_time'), column('price', 'close', 'value')]
    : [0, 1]
  if (timeAt < 0 || priceAt < 0)
    throw breakwaterError(
      'bad-scenario',
      'line 1: the table has no column time (or timestamp) or none price (or close)',
      {
        header: header.join(','),
      },
    )
  return lines.slice(named ? 1 : 0).map((line, index) => {
    const cells = line.split(',')
    const [time, price] = [timeOf((cells[timeAt] ?? '').trim()), Number((cells[priceAt] ?? '').trim() || Number.NaN)]
    if (time === undefined || !(price > 0))
      throw breakwaterError(
        'bad-scenario',
        `line ${index + (named ? 2 : 1)}: '${line}' has no time or no price above 0`,
        {
          line: index + 1,
        },
      )
    return { time, price }
  })
}

/** Unix seconds: numbers above 1e11 are milliseconds. */
function timeOf(cell: string): number | undefined {
  const value = /^\d+(\.\d+)?$/.test(cell) ? Number(cell) : Date.parse(cell) / 1_000
  if (!Number.isFinite(value)) return undefined
  return value > 1e11 ? value / 1_000 : value
}
