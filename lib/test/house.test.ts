/** The house guards itself: direction of imports, circles, purity of the lower rooms, length, names, docstrings. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const LIB = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const WEB = resolve(LIB, '../web')

/** Which floor each room stands on. A room imports from lower floors only, through their `index.ts`. */
const FLOORS: Record<string, number> = {
  model: 0,
  mechanisms: 1,
  venues: 1,
  kernels: 1,
  sim: 2,
  analytics: 2,
  feed: 3,
  store: 3,
  keeper: 4,
  api: 4,
  cli: 5,
}
/** Below this floor: no clock, no dice, no wire, no waiting, no package. */
const THE_LINE = 3
/** Rooms the terminal may enter beside the API's types. */
const WEB_MAY_ENTER = ['model', 'venues', 'analytics', 'mechanisms', 'kernels', 'sim']
const MAX_LINES = 400
const MAX_FUNCTION_LINES = 70

type SourceFile = { path: string; name: string; room: string; text: string; lines: string[]; imports: Import[] }
type Import = { line: number; specifier: string; typeOnly: boolean; target: string | undefined }

function filesBelow(folder: string, found: string[] = []): string[] {
  for (const entry of readdirSync(folder)) {
    if (entry === 'node_modules' || entry === 'dist' || entry.startsWith('.')) continue
    const path = join(folder, entry)
    if (statSync(path).isDirectory()) filesBelow(path, found)
    else if (/\.(ts|tsx)$/.test(entry)) found.push(path)
  }
  return found
}

function read(path: string, base: string): SourceFile {
  const text = readFileSync(path, 'utf8')
  const lines = text.split('\n')
  const name = relative(base, path)
  const imports: Import[] = []
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/g
  for (const match of text.matchAll(pattern)) {
    const specifier = (match[2] ?? match[3]) as string
    const line = text.slice(0, (match.index ?? 0) + match[0].length).split('\n').length
    const target = specifier.startsWith('.') ? resolve(dirname(path), specifier) : undefined
    imports.push({ line, specifier, typeOnly: match[1] !== undefined, target })
  }
  return { path, name, room: name.split('/')[0] as string, text, lines, imports }
}

const all = filesBelow(LIB).map((path) => read(path, LIB))
const house = all.filter((file) => file.room in FLOORS && !/\.test\.ts$/.test(file.name))
const below = house.filter((file) => (FLOORS[file.room] as number) < THE_LINE && !/conformance\.ts$/.test(file.name))
const web = filesBelow(WEB).map((path) => read(path, WEB))

/** Lines of a file that match, comments and strings in test titles aside. */
function offending(file: SourceFile, pattern: RegExp): string[] {
  return file.lines.flatMap((line, index) => {
    const code = line
      .replace(/\/\/.*$/, '')
      .replace(/^\s*\*.*$/, '')
      .replace(/^\s*\/\*\*.*$/, '')
    return pattern.test(code) ? [`${file.name}:${index + 1}: ${line.trim()}`] : []
  })
}

describe('the house', () => {
  it('imports fall downward and enter rooms by their index.ts', () => {
    const wrong: string[] = []
    for (const file of house) {
      for (const { target, line, specifier } of file.imports) {
        if (target === undefined) continue
        const room = relative(LIB, target).split('/')[0] as string
        if (room === file.room) continue
        const from = FLOORS[file.room] as number
        const to = FLOORS[room]
        if (to === undefined || to >= from)
          wrong.push(
            `${file.name}:${line}: imports ${specifier}; ${file.room} (floor ${from}) may import lower floors only: move the shared part down, or wire it in cli/`,
          )
        else if (relative(LIB, target) !== `${room}/index.ts`)
          wrong.push(`${file.name}:${line}: imports ${specifier}; enter the room by ../${room}/index.ts`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('has no import circles', () => {
    const byPath = new Map(all.map((file) => [file.path, file]))
    const state = new Map<string, 'open' | 'done'>()
    const circles: string[] = []
    const visit = (file: SourceFile, trail: string[]) => {
      if (state.get(file.path) === 'done') return
      if (state.get(file.path) === 'open') {
        circles.push(
          `${[...trail.slice(trail.indexOf(file.name)), file.name].join(' → ')}: move what both need into a third file`,
        )
        return
      }
      state.set(file.path, 'open')
      for (const { target, typeOnly } of file.imports) {
        const next = target && !typeOnly ? byPath.get(target) : undefined
        if (next) visit(next, [...trail, file.name])
      }
      state.set(file.path, 'done')
    }
    for (const file of house) visit(file, [])
    expect(circles).toEqual([])
  })

  it('keeps clocks, dice, wires, waiting and packages above the line', () => {
    const impure =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bset(Timeout|Interval|Immediate)\b|\bfetch\(|\bprocess\.|\bconsole\.|\basync\b|\bawait\b|\bperformance\.|\bcrypto\b/
    const wrong = below.flatMap((file) => [
      ...offending(file, impure).map((place) => `${place} ← take it as an argument, or move this above the line`),
      ...file.imports
        .filter(({ target }) => target === undefined)
        .map(
          ({ line, specifier }) =>
            `${file.name}:${line}: imports '${specifier}' ← lower rooms import no package and no node module`,
        ),
    ])
    expect(wrong).toEqual([])
  })

  it('keeps files and functions short', () => {
    const wrong: string[] = []
    for (const file of [...house, ...web]) {
      if (file.lines.length > MAX_LINES)
        wrong.push(`${file.name}: ${file.lines.length} lines ← split by idea (at most ${MAX_LINES})`)
      let start = -1
      file.lines.forEach((line, index) => {
        if (/^(export )?(async )?function\b/.test(line)) start = index
        if (/^}/.test(line) && start >= 0) {
          const length = index - start + 1
          if (length > MAX_FUNCTION_LINES)
            wrong.push(`${file.name}:${start + 1}: function of ${length} lines ← at most ${MAX_FUNCTION_LINES}`)
          start = -1
        }
      })
    }
    expect(wrong).toEqual([])
  })

  it('has no classes but the error, no enums, no default exports, no helpers', () => {
    const wrong = [...house, ...web].flatMap((file) => [
      ...(file.name === 'model/errors.ts' ? [] : offending(file, /^\s*(export\s+)?(abstract\s+)?class\s/)),
      ...offending(file, /^\s*(export\s+)?(const\s+)?enum\s/),
      ...(/\.config\.ts$/.test(file.name) ? [] : offending(file, /^export default\b/)),
      ...(/(utils|manager|helper)s?\.tsx?$/i.test(file.name) ? [`${file.name}: name it after what it does`] : []),
    ])
    expect(wrong).toEqual([])
  })

  it('documents every export', () => {
    const wrong = house
      .filter((file) => !file.name.endsWith('index.ts'))
      .flatMap((file) =>
        file.lines.flatMap((line, index) => {
          if (!/^export (async )?(function|const|type|class)\b/.test(line)) return []
          const before = (file.lines[index - 1] ?? '').trim()
          return before.endsWith('*/') || before.startsWith('// biome-ignore')
            ? []
            : [`${file.name}:${index + 1}: ${line.trim()} ← say meaning, unit, source above it`]
        }),
      )
    expect(wrong).toEqual([])
  })

  it('lets the terminal enter the pure rooms and the API types only', () => {
    const wrong = web.flatMap((file) =>
      file.imports.flatMap(({ target, typeOnly, line, specifier }) => {
        const room =
          /^breakwater\/(\w+)/.exec(specifier)?.[1] ??
          (target && relative(LIB, target).startsWith('..') ? undefined : target && relative(LIB, target).split('/')[0])
        if (room === undefined || WEB_MAY_ENTER.includes(room)) return []
        return typeOnly && room === 'api'
          ? []
          : [
              `${file.name}:${line}: imports ${specifier} ← the terminal may import ${WEB_MAY_ENTER.join(', ')} and types of api`,
            ]
      }),
    )
    expect(wrong).toEqual([])
  })
})
