/** Compares an answer with what a vector expects, leaf by leaf: `|got − expected| ≤ tol · max(1, |expected|)`. */
import type { Answer } from './form.ts'

/** Vectors whose source prints a rounded figure: the relative rule is loose there, so the rounded answer must also equal it. */
const PRINTED = new Set(['A-BIN-1', 'A-BIN-2', 'A-BYB-INV', 'A-BYB-CROSS-BP', 'D-FX-TABLE', 'C-LQTY-1'])

/** What is compared and how strictly. */
export type Comparison = { readonly id: string; readonly tol: number }

/** Differences in words; none when the answer holds. */
export function answerDifferences(expected: unknown, got: Answer | undefined, rule: Comparison, path = ''): string[] {
  if (typeof expected === 'number') return numberDifference(expected, got, rule, path)
  if (expected === null || typeof expected === 'boolean' || typeof expected === 'string')
    return got === expected ? [] : [`${path || 'it'} is ${show(got)}, not ${show(expected)}`]
  if (Array.isArray(expected)) {
    if (!Array.isArray(got) || got.length !== expected.length)
      return [`${path || 'it'} is ${show(got)}, not a list of ${expected.length}`]
    return expected.flatMap((one, at) => answerDifferences(one, got[at], rule, `${path}[${at}]`))
  }
  if (typeof got !== 'object' || got === null || Array.isArray(got))
    return [`${path || 'it'} is ${show(got)}, not an object`]
  const answers = got as { readonly [key: string]: Answer }
  return Object.entries(expected as Record<string, unknown>).flatMap(([key, one]) =>
    answerDifferences(one, answers[key], rule, path === '' ? key : `${path}.${key}`),
  )
}

function numberDifference(expected: number, got: Answer | undefined, { id, tol }: Comparison, path: string): string[] {
  const where = path || 'it'
  if (typeof got !== 'number' || Number.isNaN(got)) return [`${where} is ${show(got)}, not ${expected}`]
  const off = Math.abs(got - expected)
  if (got !== expected && !(off <= tol * Math.max(1, Math.abs(expected))))
    return [`${where} is ${got}, not ${expected} (off by ${off}, tolerance ${tol})`]
  if (PRINTED.has(id) && got.toFixed(decimalsOf(expected)) !== expected.toFixed(decimalsOf(expected)))
    return [`${where} is ${got}; rounded as the source prints it, not ${expected}`]
  return []
}

function decimalsOf(value: number): number {
  return String(value).split('.')[1]?.length ?? 0
}

function show(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value)
}
