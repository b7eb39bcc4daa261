/** Canonical text: one value, one string. Keys sorted, `undefined` left out, bigint as decimal text. */
import { assert } from './errors.ts'

/** The canonical JSON text of a plain value; equal values give equal text, whatever the order of their keys. NaN and ±∞ are our mistakes. */
export function canonical(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'bigint') return `"${value}"`
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value === 'number') {
    assert(Number.isFinite(value), `canonical number must be finite, got ${value}`)
    return Object.is(value, -0) ? '0' : JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(',')}]`
  if (value instanceof Map) return canonical(Object.fromEntries(value))
  assert(typeof value === 'object', `canonical cannot write a ${typeof value}`)
  const record = value as Record<string, unknown>
  const parts: string[] = []
  for (const key of Object.keys(record).sort()) {
    if (record[key] !== undefined) parts.push(`${JSON.stringify(key)}:${canonical(record[key])}`)
  }
  return `{${parts.join(',')}}`
}
