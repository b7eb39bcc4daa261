/** Small tables from text: comma-separated values without quotes, as the data files of the incidents are. */
import { breakwaterError } from '../../model/index.ts'

/** A row by column name. */
export type CsvRow = { readonly text: (column: string) => string; readonly number: (column: string) => number }

/** Reads a table with a header. Refuses (`bad-scenario`) a missing column and a cell that is no number, when it is asked for. */
export function csvRows(text: string, name: string): readonly CsvRow[] {
  const lines = text.split(/\r?\n/).filter((line) => line !== '')
  const header = (lines[0] ?? '').split(',')
  return lines.slice(1).map((line, at) => {
    const cells = line.split(',')
    const cell = (column: string) => {
      const value = cells[header.indexOf(column)]
      if (value === undefined)
        throw breakwaterError('bad-scenario', `${name} has no ${column} in line ${at + 2}`, { name, column })
      return value
    }
    return {
      text: cell,
      number(column) {
        const value = Number(cell(column) || Number.NaN)
        if (!Number.isFinite(value))
          throw breakwaterError('bad-scenario', `${column} in line ${at + 2} of ${name} is no number`, { name, column })
        return value
      },
    }
  })
}
