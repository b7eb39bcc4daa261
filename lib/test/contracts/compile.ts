/** Solidity sources of npm packages, compiled in a child process, cached by content; and the bytecode that packages ship. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, posix, resolve } from 'node:path'
import type { Abi, Address, Hex } from 'viem'

const require = createRequire(import.meta.url)

/** The folder of installed packages. */
export const PACKAGES = resolve(dirname(require.resolve('viem/package.json')), '..')
const CACHE = resolve(PACKAGES, '.cache/breakwater/solidity')

/** A contract ready to deploy. `links` says at which bytes of the code which library's address belongs. */
export type Artifact = {
  readonly name: string
  readonly abi: Abi
  readonly bytecode: string
  readonly links: readonly { readonly library: string; readonly start: number; readonly length: number }[]
}

/** What to compile and how. */
export type CompileJob = {
  /** Alias of the compiler among the development dependencies. */
  readonly compiler: 'solc-0.8.19' | 'solc-0.8.27'
  /** Source files, as paths below the folder of installed packages. What they import is found and added. */
  readonly entries: readonly string[]
  /** Sources of our own by path, which may import the packages'. */
  readonly own?: Readonly<Record<string, string>>
  /** Import prefix → path below the folder of installed packages. */
  readonly remappings?: Readonly<Record<string, string>>
  /** The compiler's `settings`: optimizer, viaIR, evmVersion. */
  readonly settings: Readonly<Record<string, unknown>>
}

type Outcome = {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[]
  readonly contracts?: Record<string, Record<string, { abi: Abi; evm: { bytecode: Bytecode } }>>
}
type LinkReferences = Record<string, Record<string, readonly { start: number; length: number }[]>>
type Bytecode = { readonly object: string; readonly linkReferences: LinkReferences }

/** Compiles, or takes what was compiled before from the same sources with the same settings; artifacts by contract name. */
export async function compile(job: CompileJob): Promise<(name: string) => Artifact> {
  const input = JSON.stringify({
    language: 'Solidity',
    sources: Object.fromEntries(Object.entries(sourcesOf(job)).map(([path, content]) => [path, { content }])),
    settings: {
      ...job.settings,
      remappings: Object.entries(job.remappings ?? {}).map(([from, to]) => `${from}=${to}`),
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.bytecode.linkReferences'] } },
    },
  })
  const key = createHash('sha256').update(`${job.compiler}\n${input}`).digest('hex').slice(0, 32)
  const cached = resolve(CACHE, `${key}.json`)
  if (!existsSync(cached)) await runCompiler(job.compiler, input, cached)
  const artifacts = new Map((JSON.parse(readFileSync(cached, 'utf8')) as Artifact[]).map((one) => [one.name, one]))
  return (name) => {
    const found = artifacts.get(name)
    if (!found)
      throw new Error(`${job.compiler} gave no contract ${name}; there are ${[...artifacts.keys()].join(', ')}`)
    return found
  }
}

/** Every source that the entries need, by path. */
function sourcesOf({ entries, own = {}, remappings = {} }: CompileJob): Record<string, string> {
  const found: Record<string, string> = {}
  const open = [...entries, ...Object.keys(own)]
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (path in found) continue
    const text = own[path] ?? readFileSync(resolve(PACKAGES, path), 'utf8')
    found[path] = text
    for (const [, name = ''] of text.matchAll(/^\s*(?:import|\}\s*from|.*\bfrom)\s*["']([^"']+\.sol)["']\s*;/gm)) {
      const prefix = Object.keys(remappings).find((one) => name.startsWith(one))
      if (name.startsWith('.')) open.push(posix.join(posix.dirname(path), name))
      else open.push(prefix === undefined ? name : `${remappings[prefix]}${name.slice(prefix.length)}`)
    }
  }
  return found
}

/** The compiler reads and writes files: a pipe of megabytes would block it or us. Written aside, then renamed, so that two runs may race. */
async function runCompiler(compiler: string, input: string, cached: string): Promise<void> {
  mkdirSync(CACHE, { recursive: true })
  const mine = `${cached}.${process.pid}`
  const [asked, answered] = [`${mine}.in`, `${mine}.out`]
  writeFileSync(asked, input)
  const [stdin, stdout] = [openSync(asked, 'r'), openSync(answered, 'w')]
  try {
    const code = await new Promise<number | null>((done, failed) => {
      const child = spawn(process.execPath, [require.resolve(`${compiler}/solc.js`), '--standard-json'], {
        stdio: [stdin, stdout, 'inherit'],
      })
      child.once('error', failed)
      child.once('close', done)
    })
    const text = readFileSync(answered, 'utf8')
    if (code !== 0) throw new Error(`${compiler} ended with ${code}: ${text.slice(0, 2_000)}`)
    writeFileSync(mine, JSON.stringify(artifactsOf(compiler, text)))
    renameSync(mine, cached)
  } finally {
    closeSync(stdin)
    closeSync(stdout)
    rmSync(asked, { force: true })
    rmSync(answered, { force: true })
  }
}

function artifactsOf(compiler: string, text: string): Artifact[] {
  // A line about absent SMT solvers may stand before the answer.
  const outcome = JSON.parse(text.slice(text.indexOf('{'))) as Outcome
  const wrong = (outcome.errors ?? []).filter(({ severity }) => severity === 'error')
  if (wrong.length > 0) throw new Error(`${compiler}: ${wrong.map((one) => one.formattedMessage).join('\n')}`)
  return Object.values(outcome.contracts ?? {}).flatMap((file) =>
    Object.entries(file)
      .filter(([, { evm }]) => evm.bytecode.object !== '')
      .map(([name, { abi, evm }]) => ({
        name,
        abi,
        bytecode: `0x${evm.bytecode.object}`,
        links: linksOf(evm.bytecode),
      })),
  )
}

function linksOf({ linkReferences }: Pick<Bytecode, 'linkReferences'>): Artifact['links'] {
  return Object.values(linkReferences).flatMap((file) =>
    Object.entries(file).flatMap(([library, places]) => places.map((place) => ({ library, ...place }))),
  )
}

/** A contract whose bytecode a package ships as a hardhat artifact; `path` below the folder of installed packages. */
export function shipped(path: string): Artifact {
  const {
    contractName,
    abi,
    bytecode,
    linkReferences = {},
  } = JSON.parse(readFileSync(resolve(PACKAGES, path), 'utf8')) as {
    contractName: string
    abi: Abi
    bytecode: string
    linkReferences?: LinkReferences
  }
  return { name: contractName, abi, bytecode, links: linksOf({ linkReferences }) }
}

/** Bytecode with the addresses of its libraries in place; fails when one is missing. */
export function linked({ name, bytecode, links }: Artifact, libraries: Readonly<Record<string, Address>> = {}): Hex {
  let code = bytecode
  for (const { library, start, length } of links) {
    const address = libraries[library]
    if (address === undefined) throw new Error(`${name} needs the address of its library ${library}`)
    const at = 2 + start * 2
    code = code.slice(0, at) + address.slice(2).toLowerCase() + code.slice(at + length * 2)
  }
  return code as Hex
}
