/**
 * Runs files of raw venue frames with the results they must give through the registry of decoders.
 * `npm run vectors:venues -- FILE…`: prints cases and differences per venue; exit 1 on a difference or without a case, 2 on a file that cannot be read.
 */
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { coinOf, type Instrument, type PerpLiquidation, type UnixMs } from '../model/index.ts'
import { type Decoded, type Refused, venues } from '../venues/index.ts'

const number = z.number().nullable()
const expectation = z.object({
  instrument: z.string(),
  side: z.enum(['long', 'short']).nullable(),
  size: number,
  price: number,
  usd: number,
  time: number,
})
const schema = z.object({
  instruments: z
    .record(
      z.string(),
      z.object({ ctVal: z.number().optional(), mult: z.number().optional(), inverse: z.boolean().optional() }),
    )
    .optional(),
  vectors: z.array(
    z.object({
      venue: z.string(),
      source: z.string().optional(),
      raw: z.string(),
      expected: z.array(expectation),
      note: z.string().optional(),
    }),
  ),
})
type File = z.infer<typeof schema>
type Expected = z.infer<typeof expectation>

/** What one file gave: cases, and every difference in words. */
export type VectorsResult = { readonly cases: ReadonlyMap<string, number>; readonly differences: readonly string[] }

const RECEIVED = 1_800_000_000_000 as UnixMs
const TOLERANCE = 1e-9

/** Checks the text of a vectors file. Throws when it is no such file. */
export function runVectors(text: string): VectorsResult {
  const file = schema.parse(JSON.parse(text))
  const cases = new Map<string, number>()
  const differences: string[] = []
  file.vectors.forEach((vector, index) => {
    cases.set(vector.venue, (cases.get(vector.venue) ?? 0) + 1)
    const name = `#${index + 1} ${vector.venue}`
    const venue = venues.get(vector.venue)
    if (!venue) differences.push(`${name}: no such venue`)
    else {
      const found = venue.decoder({ instruments: instrumentsOf(file, vector.venue) })({
        received: RECEIVED,
        text: vector.raw,
      })
      differences.push(...compare(found, vector.expected).map((difference) => `${name}: ${difference}`))
    }
  })
  return { cases, differences }
}

function instrumentsOf({ instruments = {} }: File, venue: string): ReadonlyMap<string, Instrument> {
  const list = Object.entries(instruments).flatMap(([key, value]): [string, Instrument][] => {
    const [owner, symbol] = [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)]
    if (owner !== venue || symbol === '') return []
    const coin = coinOf((/[A-Z]+?(?=[-_]|USD|$)/.exec(symbol.replace(/^P[IF]_/, '')) ?? [symbol])[0])
    const inverse = value.inverse === true
    const contractSize = value.ctVal ?? value.mult ?? 1
    return [
      [
        symbol,
        {
          symbol,
          coin,
          quote: inverse ? 'USD' : 'USDT',
          settle: inverse ? coin : 'USDT',
          payoff: inverse ? 'inverse' : 'linear',
          contractSize,
        },
      ],
    ]
  })
  return new Map(list)
}

function compare(found: readonly (Decoded | Refused)[], expected: readonly Expected[]): string[] {
  const refused = found.filter((fact) => fact.type === 'refused').map((fact) => `refused: ${(fact as Refused).reason}`)
  const facts = found.filter((fact): fact is Decoded & PerpLiquidation => fact.type === 'perp-liquidation')
  if (facts.length !== expected.length)
    return [...refused, `${facts.length} liquidations instead of ${expected.length}`]
  return [
    ...refused,
    ...expected.flatMap((wanted, index) => compareOne(facts[index] as Decoded & PerpLiquidation, wanted, index)),
  ]
}

function compareOne(fact: Decoded & PerpLiquidation, wanted: Expected, index: number): string[] {
  const exact = (['instrument', 'side', 'time'] as const).flatMap((field) => {
    const value = fact[field] ?? null
    return value === wanted[field] ? [] : [`row ${index + 1}: ${field} ${value} instead of ${wanted[field]}`]
  })
  const close = (['size', 'price', 'usd'] as const).flatMap((field) => {
    const [value, want] = [fact[field] ?? null, wanted[field]]
    const equal =
      value === null || want === null ? value === want : Math.abs(value - want) <= TOLERANCE * Math.abs(want)
    return equal ? [] : [`row ${index + 1}: ${field} ${value} instead of ${want}`]
  })
  return [...exact, ...close]
}

/** The program: runs every file and prints what it found; returns the exit code. */
export function main(paths: readonly string[], print: (line: string) => void): number {
  if (paths.length === 0) {
    print('usage: npm run vectors:venues -- FILE…')
    return 2
  }
  let code = 0
  for (const path of paths) {
    try {
      const { cases, differences } = runVectors(readFileSync(path, 'utf8'))
      const total = [...cases.values()].reduce((sum, count) => sum + count, 0)
      print(
        `${path}: ${total} cases (${[...cases].map(([venue, count]) => `${venue} ${count}`).join(', ')}), ${differences.length} differences`,
      )
      for (const difference of differences) print(`  ${difference}`)
      if (differences.length > 0 || total === 0) code = Math.max(code, 1)
    } catch (error) {
      print(`${path}: cannot be read as vectors: ${(error as Error).message.slice(0, 500)}`)
      code = 2
    }
  }
  return code
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = main(process.argv.slice(2), (line) => process.stdout.write(`${line}\n`))
}
