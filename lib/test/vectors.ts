/**
 * Runs files of vectors (inputs and the numbers an implementation must give) through the mechanisms.
 * `npm run vectors -- FILE…`: how many ran per family; exit 1 on a difference or a form that nothing answers, 2 on a file that cannot be read.
 */
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { answerDifferences } from './vectors/compare.ts'
import type { Form } from './vectors/form.ts'
import { HYPERLIQUID_FORMS } from './vectors/hyperliquid.ts'
import { AAVE_FORMS } from './vectors/lending-aave.ts'
import { COMPOUND_FORMS } from './vectors/lending-compound.ts'
import { KAMINO_FORMS, LIQUITY_FORMS, MAKER_FORMS } from './vectors/lending-makers.ts'
import { MORPHO_FORMS } from './vectors/lending-morpho.ts'
import { ORACLE_FORMS } from './vectors/lending-oracles.ts'
import { PERP_FORMS } from './vectors/perp.ts'
import { BAMM_FORMS } from './vectors/soft-bamm.ts'
import { BOB_FORMS } from './vectors/soft-bob.ts'
import { FX_FORMS } from './vectors/soft-fx.ts'
import { INFINIFI_FORMS } from './vectors/soft-infinifi.ts'
import { LLAMMA_FORMS } from './vectors/soft-llamma.ts'
import { SYSTEM_FORMS } from './vectors/system.ts'
import { CASCADE_FORMS } from './vectors/system-cascade.ts'

/** Every form that something answers. */
export const FORMS: readonly Form[] = [
  ...PERP_FORMS,
  ...HYPERLIQUID_FORMS,
  ...SYSTEM_FORMS,
  ...CASCADE_FORMS,
  ...LLAMMA_FORMS,
  ...BAMM_FORMS,
  ...BOB_FORMS,
  ...FX_FORMS,
  ...INFINIFI_FORMS,
  ...ORACLE_FORMS,
  ...MORPHO_FORMS,
  ...MAKER_FORMS,
  ...LIQUITY_FORMS,
  ...KAMINO_FORMS,
  ...COMPOUND_FORMS,
  ...AAVE_FORMS,
]

const vector = z.object({
  id: z.string(),
  mech: z.string(),
  inputs: z.unknown(),
  expected: z.unknown(),
  tol: z.number().min(0).default(0),
})
const list = z.union([
  z.array(z.unknown()),
  z.object({ vectors: z.array(z.unknown()) }).transform(({ vectors }) => vectors),
])

/** A vector: see `reference/mechanisms/00-conventions.md` 0.5 for its fields. */
export type Vector = z.infer<typeof vector>

/** What some vectors gave: how many ran per family, differences, and what nothing answers. */
export type VectorsReport = {
  readonly ran: ReadonlyMap<string, number>
  readonly differences: readonly string[]
  readonly unsupported: readonly string[]
}

/** Reads the text of a vectors file: a list of what should be vectors. Throws a sentence when it is none. */
export function parseVectors(text: string): readonly unknown[] {
  const read = list.safeParse(JSON.parse(text))
  if (!read.success) throw new Error('it is no list of vectors')
  return read.data
}

/** Runs vectors. An error of a mechanism is a difference: no vector expects one. What is no vector is answered by nothing. */
export function runVectors(vectors: readonly unknown[]): VectorsReport {
  const ran = new Map<string, number>()
  const differences: string[] = []
  const unsupported: string[] = []
  for (const [at, one] of vectors.entries()) {
    const read = vector.safeParse(one)
    if (!read.success) {
      const where = read.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`).join('; ')
      unsupported.push(`entry ${at + 1} is no vector: ${where}`)
      continue
    }
    const { id, mech, inputs, expected, tol } = read.data
    const form = FORMS.find((one) => one.mech === mech && one.accepts(inputs))
    if (!form) {
      unsupported.push(`${id}: nothing answers ${mech} with ${keysOf(inputs)}`)
      continue
    }
    ran.set(mech, (ran.get(mech) ?? 0) + 1)
    try {
      differences.push(
        ...answerDifferences(expected, form.run(inputs, expected), { id, tol }).map((one) => `${id} (${mech}): ${one}`),
      )
    } catch (error) {
      differences.push(`${id} (${mech}): stopped: ${(error as Error).message}`)
    }
  }
  return { ran, differences, unsupported }
}

function keysOf(inputs: unknown): string {
  return typeof inputs === 'object' && inputs !== null ? `{${Object.keys(inputs).join(', ')}}` : JSON.stringify(inputs)
}

function vectorsOf(file: string): readonly unknown[] {
  try {
    return parseVectors(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as Error).message}`)
  }
}

function main(files: readonly string[]): number {
  let bad = files.length === 0
  if (bad) process.stderr.write('usage: npm run vectors -- FILE…\n')
  for (const file of files) {
    const { ran, differences, unsupported } = runVectors(vectorsOf(file))
    const count = [...ran.values()].reduce((sum, one) => sum + one, 0)
    for (const line of [...differences, ...unsupported]) process.stdout.write(`${line}\n`)
    for (const [mech, times] of [...ran].sort()) process.stdout.write(`${mech}: ${times}\n`)
    process.stdout.write(
      `${file}: ${count} ran, ${differences.length} differences, ${unsupported.length} unsupported\n`,
    )
    bad ||= differences.length > 0 || unsupported.length > 0 || count === 0
  }
  return bad ? 1 : 0
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    process.exitCode = main(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 2
  }
}
