/** `breakwater doctor`: is everything here that the main job needs? Each check says what is wrong and what to do. */
import { constants } from 'node:fs'
import { access, mkdir, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Command } from 'commander'
import { formatCount, formatSpan, formatTime } from '../analytics/index.ts'
import { isBreakwaterError } from '../model/index.ts'
import { openStore } from '../store/index.ts'
import { venues } from '../venues/index.ts'
import { type CommonOptions, type Config, configOf, EXIT, withCommon } from './config.ts'
import { servingUrl } from './door.ts'
import { printJson, printLines } from './print.ts'

type Check = {
  readonly name: string
  readonly state: 'ok' | 'warning' | 'failed'
  readonly says: string
  readonly fix?: string | undefined
}

const LITTLE_DISK = 5 * 1024 ** 3
const LEAST_NODE = [20, 15]
const SKEW_MS = 2_000
const REACH_MS = 5_000

/** Adds the command. */
export function addDoctor(program: Command): void {
  withCommon(program.command('doctor'))
    .description('check node, disk, data directory, store, port, clock and venues')
    .option('--offline', 'leave the network alone')
    .option('--hash', 'the content hash of the store; a replay of its recordings gives the same')
    .option('--demo', "the demo's data")
    .action(async (options: CommonOptions & { offline?: boolean; hash?: boolean; demo?: boolean }) => {
      const config = configOf(options)
      const checks = [
        node(),
        await disk(config),
        await store(config, options.hash === true),
        await port(),
        ...(options.offline ? [] : await network()),
      ]
      if (options.json) printJson({ checks })
      else
        printLines(
          checks.flatMap(({ name, state, says, fix }) => [
            `${{ ok: '✓', warning: '!', failed: '✗' }[state]} ${name.padEnd(10)}${says}`,
            ...(fix && state !== 'ok' ? [`             ${fix}`] : []),
          ]),
        )
      if (checks.some(({ state }) => state === 'failed')) process.exitCode = EXIT.failed
    })
}

function node(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const fine = major > (LEAST_NODE[0] as number) || (major === LEAST_NODE[0] && minor >= (LEAST_NODE[1] as number))
  return {
    name: 'node',
    state: fine ? 'ok' : 'failed',
    says: `${process.versions.node} on ${process.platform}-${process.arch}`,
    fix: `Use Node ${LEAST_NODE.join('.')} or newer.`,
  }
}

async function disk({ data }: Config): Promise<Check> {
  try {
    await mkdir(data, { recursive: true })
    await access(data, constants.W_OK)
    const { bavail, bsize } = await statfs(data)
    const free = bavail * bsize
    const says = `${data}, ${(free / 1024 ** 3).toFixed(1)} GiB free`
    return {
      name: 'disk',
      state: free < LITTLE_DISK ? 'warning' : 'ok',
      says,
      fix: 'Recording stops when the disk is full: free some space, or use --data DIR on a larger disk.',
    }
  } catch (error) {
    return {
      name: 'disk',
      state: 'failed',
      says: `${data} cannot be written: ${(error as Error).message}`,
      fix: 'Name a directory of yours with --data DIR.',
    }
  }
}

async function store(config: Config, hashed: boolean): Promise<Check> {
  const began = Date.now()
  try {
    const opened = await openStore(config)
    try {
      const { engine, schemaVersion, events, rejected, first, last } = await opened.facts()
      const span = first === undefined || last === undefined ? '' : `, ${formatTime(first)} to ${formatTime(last)}`
      const hash = hashed ? `, content hash ${await opened.contentHash()}` : ''
      return {
        name: 'store',
        state: 'ok',
        says: `${engine}, schema ${schemaVersion}, ${formatCount(events)} events${span}, ${formatCount(rejected)} refused, opened in ${formatSpan(Date.now() - began)}${hash}`,
      }
    } finally {
      await opened.close()
    }
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    const url = error.code === 'data-directory-locked' ? await servingUrl(config.data) : undefined
    if (url) return { name: 'store', state: 'ok', says: `served by another process at ${url}` }
    return { name: 'store', state: 'failed', says: error.message, fix: error.fix }
  }
}

function port(): Promise<Check> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () =>
      resolve({
        name: 'port',
        state: 'warning',
        says: '8787 is in use',
        fix: 'Start with --port N, or it is already running.',
      }),
    )
    server.listen(8787, '127.0.0.1', () =>
      server.close(() => resolve({ name: 'port', state: 'ok', says: '8787 is free' })),
    )
  })
}

/** One small request to each venue that has a list of contracts; its `Date` header tells our clock's error. */
async function network(): Promise<Check[]> {
  const asked = [...venues.values()].filter((venue) => venue.metadata.length > 0)
  const answers = await Promise.all(
    asked.map(async (venue) => ({ venue: venue.id, ...(await reach(venue.metadata[0]?.url as string)) })),
  )
  const reached = answers.filter((answer) => answer.why === undefined)
  const failed = answers.filter((answer) => answer.why !== undefined)
  const list = failed.slice(0, 4).map(({ venue, why }) => `${venue} (${why})`)
  const venuesCheck: Check = {
    name: 'venues',
    state: reached.length === 0 ? 'failed' : failed.length > 0 ? 'warning' : 'ok',
    says: `${reached.length} of ${answers.length} answer${failed.length > 0 ? `; not: ${list.join(', ')}${failed.length > 4 ? ` and ${failed.length - 4} more` : ''}` : ''}`,
    fix:
      reached.length === 0
        ? 'Check the network; `breakwater up --demo` works without one.'
        : 'Some venues refuse some countries; the others are heard all the same.',
  }
  const skews = reached.flatMap(({ skew }) => (skew === undefined ? [] : [skew])).sort((a, b) => a - b)
  const skew = skews[skews.length >> 1]
  if (skew === undefined) return [venuesCheck]
  return [
    venuesCheck,
    {
      name: 'clock',
      state: Math.abs(skew) > SKEW_MS ? 'warning' : 'ok',
      says: `${formatSpan(Math.abs(skew))} ${skew > 0 ? 'behind' : 'ahead of'} the venues`,
      fix: 'Set the clock (NTP): latencies and gaps are measured against it.',
    },
  ]
}

async function reach(url: string): Promise<{ why: string | undefined; skew?: number | undefined }> {
  try {
    const response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(REACH_MS) })
    const date = Date.parse(response.headers.get('date') ?? '')
    return { why: undefined, skew: Number.isNaN(date) ? undefined : date + 500 - Date.now() }
  } catch (error) {
    const cause = (error as { cause?: { code?: string } }).cause
    return { why: cause?.code ?? (error as Error).name }
  }
}
