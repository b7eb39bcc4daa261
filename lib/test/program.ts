/** The compiled program as a child process, for tests that kill it, starve it or feed it nonsense. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const LIB = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const BINARY = resolve(LIB, 'bin/breakwater.js')

/** True when the program is compiled; tests that need it are skipped otherwise. */
export const compiled = existsSync(resolve(LIB, 'dist/cli/main.js'))

/** What a finished run said. */
export type Finished = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** A running program: its output so far, and its end. */
export type Program = {
  readonly child: ChildProcess
  stdout(): string
  stderr(): string
  readonly finished: Promise<Finished>
}

/** Starts the program. Nothing of this process's own settings reaches it. */
export function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
  const { BREAKWATER_DATA: _data, BREAKWATER_CLICKHOUSE: _server, BREAKWATER_TOKEN: _token, ...rest } = process.env
  const child = spawn(process.execPath, [BINARY, ...args], {
    env: { ...rest, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', (bytes) => {
    stdout += bytes
  })
  child.stderr?.on('data', (bytes) => {
    stderr += bytes
  })
  const finished = new Promise<Finished>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
  return { child, stdout: () => stdout, stderr: () => stderr, finished }
}

/** Runs the program to its end. */
export function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> {
  return start(args, env).finished
}

/** Waits until the output holds `pattern`; fails with what was said when the program ends first. */
export function until(program: Program, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const match = pattern.exec(program.stdout()) ?? pattern.exec(program.stderr())
      if (match) resolve(match)
      return match
    }
    if (look()) return
    program.child.stdout?.on('data', look)
    program.child.stderr?.on('data', look)
    program.finished.then(({ code, stdout, stderr }) =>
      reject(new Error(`ended with ${code} before saying ${pattern}: ${stdout}${stderr}`)),
    )
  })
}
