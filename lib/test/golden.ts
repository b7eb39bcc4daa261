/**
 * Replays recorded contract calls through our mechanisms and compares every amount, index and refusal.
 * `npm run golden -- FILE-OR-DIR…`: cases and differences per protocol; exit 1 on a difference, 2 on a file that cannot be read.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { differences } from './golden/compare.ts'
import { GOLDEN_PROTOCOLS } from './golden/protocols.ts'
import { type GoldenFile, type GoldenProtocol, isObject, type JsonObject } from './golden/replay.ts'

/** Differences told per case: more of one case say nothing new. */
const TOLD_PER_CASE = 5

/** What one file gave. `cases` and `failed` by branch. */
export type GoldenResult = {
  readonly protocol: string
  readonly cases: ReadonlyMap<string, number>
  readonly failed: number
  readonly differences: readonly string[]
}

/** Replays the text of a golden file. Throws with a sentence when it is none, or when no protocol of ours answers it. */
export function runGolden(text: string): GoldenResult {
  const file = goldenFile(text)
  const protocol = GOLDEN_PROTOCOLS.find(({ matches }) => matches(file))
  if (!protocol)
    throw new Error(
      `no mechanism for protocol '${file.protocol}', version '${file.version}'; there are ${GOLDEN_PROTOCOLS.map(({ id }) => id).join(', ')}`,
    )
  if (file.cases.length === 0) throw new Error('it has no case')
  const cases = new Map<string, number>()
  const told: string[] = []
  let failed = 0
  file.cases.forEach((one, index) => {
    cases.set(one.branch, (cases.get(one.branch) ?? 0) + 1)
    const found = differencesOf(protocol, file, one.in, one.out)
    if (found.length > 0) failed += 1
    told.push(...found.slice(0, TOLD_PER_CASE).map((difference) => `#${index + 1} ${one.branch}: ${difference}`))
  })
  return { protocol: protocol.id, cases, failed, differences: told }
}

function differencesOf(protocol: GoldenProtocol, file: GoldenFile, input: JsonObject, out: JsonObject): string[] {
  try {
    return differences(out, protocol.replay(file, input), input)
  } catch (error) {
    return [`stopped: ${(error as Error).message}`]
  }
}

function goldenFile(text: string): GoldenFile {
  const value: unknown = JSON.parse(text)
  const file = value as GoldenFile
  if (!isObject(file) || typeof file.protocol !== 'string' || !Array.isArray(file.cases))
    throw new Error('it has no `protocol` and `cases`')
  file.cases.forEach((one, index) => {
    if (!isObject(one) || !isObject(one.in) || !isObject(one.out) || typeof one.branch !== 'string')
      throw new Error(`case ${index + 1} has no \`branch\`, \`in\` and \`out\``)
  })
  return file
}

/** Files as given; a folder stands for every `.json` in it that has cases of a contract (venue frames have their own runner). */
export function goldenPaths(paths: readonly string[]): string[] {
  return paths.flatMap((path) =>
    statSync(path).isDirectory()
      ? readdirSync(path)
          .filter((name) => name.endsWith('.json') && name !== 'venues.json')
          .sort()
          .map((name) => join(path, name))
      : [path],
  )
}

/** The program: runs every file and prints what it found; returns the exit code. */
export function main(given: readonly string[], print: (line: string) => void): number {
  if (given.length === 0) {
    print('usage: npm run golden -- FILE-OR-DIR…')
    return 2
  }
  let code = 0
  let paths: string[]
  try {
    paths = goldenPaths(given)
  } catch (error) {
    print(`cannot be read: ${(error as Error).message}`)
    return 2
  }
  if (paths.length === 0) {
    print(`${given.join(', ')}: no file to replay`)
    return 2
  }
  for (const path of paths) {
    try {
      const { protocol, cases, failed, differences: found } = runGolden(readFileSync(path, 'utf8'))
      const total = [...cases.values()].reduce((sum, count) => sum + count, 0)
      print(`${path}: ${protocol}: ${total} cases in ${cases.size} branches, ${failed} with differences`)
      for (const difference of found) print(`  ${difference}`)
      if (failed > 0) code = Math.max(code, 1)
    } catch (error) {
      print(`${path}: cannot be replayed: ${(error as Error).message.slice(0, 500)}`)
      code = 2
    }
  }
  return code
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = main(process.argv.slice(2), (line) => process.stdout.write(`${line}\n`))
}
