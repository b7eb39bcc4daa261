/** Options that every command shares, and what they resolve to. The only place that reads the environment. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Log } from '../model/index.ts'

/** Raw values of the shared options as commander gives them. */
export type CommonOptions = {
  readonly data?: string
  readonly clickhouse?: string
  readonly cluster?: string
  readonly store?: 'embedded' | 'memory'
  readonly json?: boolean
  readonly verbose?: boolean
}

/** Where the data is. */
export type Config = {
  readonly data: string
  readonly clickhouse: string | undefined
  readonly cluster: string | undefined
  readonly memory: boolean
}

/** Exit codes: what a shell or a CI may rely on. */
export const EXIT = { ok: 0, failed: 1, usage: 2, partial: 3 } as const

/** Adds the options that say where data lives and how to print. */
export function withCommon(command: Command): Command {
  return command
    .addOption(new Option('--data <dir>', 'data directory').env('BREAKWATER_DATA'))
    .addOption(
      new Option('--clickhouse <url>', 'a ClickHouse server or cluster instead of the embedded store').env(
        'BREAKWATER_CLICKHOUSE',
      ),
    )
    .option('--cluster <name>', 'cluster name on that server: tables become Distributed')
    .addOption(
      new Option('--store <engine>', 'embedded (on disk) or memory (forgets at exit)').choices(['embedded', 'memory']),
    )
    .option('--json', 'machine-readable output')
    .option('--verbose', 'log everything on stderr')
}

/** The data directory: --data, else BREAKWATER_DATA, else ~/.breakwater. A demo lives in a directory of its own, so that it never mixes with real data. */
export function configOf(options: CommonOptions & { demo?: boolean }): Config {
  const base = resolve(options.data ?? join(homedir(), '.breakwater'))
  return {
    data: options.demo ? join(base, 'demo') : base,
    clickhouse: options.clickhouse,
    cluster: options.cluster,
    memory: options.store === 'memory',
  }
}

/** A log of JSON lines on stderr; `debug` only when asked. */
export function stderrLog(verbose: boolean | undefined): Log {
  return (level, message, values) => {
    if (level === 'debug' && !verbose) return
    const line = { time: new Date().toISOString(), level, message, ...values }
    process.stderr.write(
      `${JSON.stringify(line, (_key, value) => (typeof value === 'bigint' ? String(value) : value))}\n`,
    )
  }
}

/** Parses a whole number option within bounds. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!Number.isSafeInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`must be a whole number from ${min} to ${max}`)
    return value
  }
}

/** Parses a number option that must be at least `min`. */
export function numberFrom(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!Number.isFinite(value) || value < min) throw new InvalidArgumentError(`must be a number, at least ${min}`)
    return value
  }
}
