/** Compares what we computed with what the contract did, leaf by leaf, exactly. */
import { isObject, type Json, type JsonObject } from './replay.ts'

/**
 * Differences in words. Every leaf of `expected` must be in `got` and equal. A leaf that only `got` has must equal the same place of `before`
 * (the file names only what changed); where `before` has no such place it is a view of ours and is not compared.
 */
export function differences(expected: JsonObject, got: JsonObject, before: JsonObject): string[] {
  const found: string[] = []
  visit(expected, got, before, '', found)
  return found
}

function visit(
  expected: Json | undefined,
  got: Json | undefined,
  before: Json | undefined,
  path: string,
  found: string[],
) {
  if (isObject(expected) || isObject(got)) {
    if (expected !== undefined && !isObject(expected)) return differ(path, expected, got, found)
    if (got !== undefined && !isObject(got)) return differ(path, expected, got, found)
    const [left, right] = [isObject(expected) ? expected : {}, isObject(got) ? got : {}]
    const old = isObject(before) ? before : {}
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)]))
      visit(left[key], right[key], old[key], path === '' ? key : `${path}.${key}`, found)
    return
  }
  if (expected === undefined) {
    if (before !== undefined && !same(got, before))
      found.push(`${path}: changed to ${show(got)}, the contract left ${show(before)}`)
    return
  }
  if (Array.isArray(expected) && Array.isArray(got) && expected.length === got.length && !expected.every(isLeaf)) {
    const old = Array.isArray(before) ? before : []
    expected.forEach((value, index) => {
      visit(value, got[index], matching(value, old, index), `${path}[${index}]`, found)
    })
    return
  }
  if (!same(expected, got)) differ(path, expected, got, found)
}

/** The entry of `before` that an entry of `out` continues: the one of the same asset where entries are named, else the same index. */
function matching(value: Json, old: readonly Json[], index: number): Json | undefined {
  const name = isObject(value) ? value['asset'] : undefined
  if (name === undefined) return old[index]
  return old.find((entry) => isObject(entry) && entry['asset'] === name)
}

const isLeaf = (value: Json) => typeof value !== 'object' || value === null
const show = (value: Json | undefined) => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 120))
const same = (a: Json | undefined, b: Json | undefined) => JSON.stringify(a) === JSON.stringify(b)

function differ(path: string, expected: Json | undefined, got: Json | undefined, found: string[]) {
  found.push(`${path}: ${show(got)} instead of ${show(expected)}`)
}
