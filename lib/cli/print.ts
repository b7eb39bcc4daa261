/** What goes to stdout: tables for people, canonical JSON for machines. */
import { formatCount, formatUsd } from '../analytics/index.ts'
import { type BreakwaterError, breakwaterError, canonical } from '../model/index.ts'

/** One line of canonical JSON on stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(`${canonical(value)}\n`)
}

/** What to throw when a file or folder that was asked for cannot be written. */
export function cannotWrite(file: string, error: unknown): BreakwaterError {
  const why = error instanceof Error ? error.message : String(error)
  return breakwaterError(
    'bad-config',
    `${file} cannot be written: ${why}`,
    { file },
    { fix: 'Name a place that exists and is yours.' },
  )
}

/** A change as `−1.46 %` or `+0.02 %`; `0 %` where two decimals show nothing. */
export function changeText(share: number): string {
  const percent = Math.abs(share * 100).toFixed(2)
  return percent === '0.00' ? '0 %' : `${share < 0 ? '−' : '+'}${percent} %`
}

/** Dollars with their sign, `−$2.17 M` or `+$99.00`; `$0` where nothing is won or lost. */
export function signedUsd(usd: number): string {
  const text = formatUsd(Math.abs(usd))
  return text === '$0' ? text : `${usd < 0 ? '−' : '+'}${text}`
}

/** `1 row`, `2 rows`: a count with its noun. */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Lines of text on stdout. */
export function printLines(lines: readonly string[]): void {
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`)
}

/** Aligned columns; numbers and amounts (columns named in `right`) to the right. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string[] {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        right.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd()
  return [line(header), ...rows.map(line)]
}
