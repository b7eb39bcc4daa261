/** Writing SQL text: every value goes through {@link text} or {@link instant}, nothing else is ever spliced in. */
import { createHash } from 'node:crypto'
import type { UnixMs } from '../model/index.ts'

/** A text literal of the ClickHouse dialect. */
export function text(value: string): string {
  return `'${value.replace(/[\\'\0\n\r\t]/g, (sign) => ESCAPES[sign] as string)}'`
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\0': '\\0',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

/** A row of values as one line of `TabSeparated`, which the engine reads faster than JSON; `null` is no value. */
export function tabLine(values: readonly (string | number | null)[]): string {
  let line = ''
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as string | number | null
    if (i > 0) line += '\t'
    line += value === null ? '\\N' : typeof value === 'number' ? value : tabText(value)
  }
  return line
}

function tabText(value: string): string {
  return NEEDS_ESCAPE.test(value) ? value.replace(ALL_ESCAPES, (sign) => TAB_ESCAPES[sign] as string) : value
}

const NEEDS_ESCAPE = /[\\\0\n\r\t]/
const ALL_ESCAPES = new RegExp(NEEDS_ESCAPE, 'g')
const TAB_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\0': '\\0',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

/** A time literal. */
export function instant(ms: number): string {
  return `fromUnixTimestamp64Milli(toInt64(${Math.trunc(ms)}), 'UTC')`
}

/** A list of text for `IN`, as one literal: thousands of ids parse as fast as one. */
export function textList(values: readonly string[]): string {
  const separable = values.every((value) => !value.includes('\n'))
  if (values.length < 100 || !separable) return `(${values.map(text).join(', ')})`
  return `(SELECT arrayJoin(splitByChar('\\n', ${text(values.join('\n'))})))`
}

/** `(time between …) OR …`: the spans that the given times fall into, each widened by `pad` ms, at most `most` of them. */
export function nearTimes(times: readonly UnixMs[], pad: number, most = 32): string {
  const sorted = [...times].sort((a, b) => a - b)
  let spans: { from: number; to: number }[] = []
  for (const time of sorted) {
    const last = spans.at(-1)
    if (last !== undefined && time - last.to <= 2 * pad) last.to = time
    else spans.push({ from: time, to: time })
  }
  if (spans.length > most) spans = [{ from: sorted[0] as number, to: sorted.at(-1) as number }]
  return spans.map(({ from, to }) => `(time >= ${instant(from - pad)} AND time <= ${instant(to + pad)})`).join(' OR ')
}

/** A token that names the content of an insert: the same lines sent again are the same insert. */
export function tokenOf(lines: string): string {
  return createHash('sha256').update(lines).digest('hex').slice(0, 32)
}
