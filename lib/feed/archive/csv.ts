/** Rows of a CSV by the names of its header. */
import { parse } from 'csv-parse/sync'
import { breakwaterError } from '../../model/index.ts'

/** The cells of one line. Quotes are honoured; a quoted cell may not hold a newline. */
export function csvCells(line: string): string[] {
  if (!line.includes('"')) return line.split(',')
  const rows = parse(line, { relax_column_count: true, relax_quotes: true }) as string[][]
  return rows[0] ?? []
}

/** A row by column name; `undefined` where the header has no such column or the cell is empty. */
export type CsvRow = (column: string) => string | undefined

/** Reads rows by the header's names. Refuses (`bad-file`) a header that lacks one of `required`, naming what is there. */
export function csvReader(
  header: string,
  required: readonly string[],
  path: string,
): (line: string) => { row: CsvRow; complete: boolean } {
  const names = csvCells(header.replace(/^\uFEFF/, '')).map((name) => name.trim())
  const missing = required.filter((name) => !names.includes(name))
  if (missing.length > 0)
    throw breakwaterError(
      'bad-file',
      `${path} lacks the column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}; it has ${names.join(', ').slice(0, 300)}`,
      { path, missing: missing.join(',') },
      { fix: 'Check that the file is of this format, or describe its columns in a mapping file with --map.' },
    )
  const index = new Map(names.map((name, position) => [name, position]))
  return (line) => {
    const cells = csvCells(line)
    return {
      row: (column) => {
        const cell = cells[index.get(column) ?? -1]
        return cell === undefined || cell === '' ? undefined : cell
      },
      complete: cells.length === names.length,
    }
  }
}
