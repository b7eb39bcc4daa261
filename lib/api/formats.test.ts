/** Forms: what is chosen by Accept, and that a spreadsheet runs nothing. */
import { describe, expect, it } from 'vitest'
import { type Column, csvHead, csvRows, formatFor, MEDIA } from './formats.ts'

describe('Accept', () => {
  it('chooses by weight, then by order', () => {
    const offered = ['json', 'csv', 'ndjson', 'parquet'] as const
    expect(formatFor(undefined, offered)).toBe('json')
    expect(formatFor('text/csv', offered)).toBe('csv')
    expect(formatFor('text/csv;q=0.2, application/x-ndjson;q=0.9', offered)).toBe('ndjson')
    expect(formatFor('text/markdown, text/csv', offered)).toBe('csv')
    expect(formatFor('application/vnd.apache.parquet', offered)).toBe('parquet')
    expect(formatFor('text/csv;q=0, */*', offered)).toBe('json')
    expect(() => formatFor('image/png', offered)).toThrow(expect.objectContaining({ code: 'unknown-format' }))
    for (const format of offered) expect(formatFor(MEDIA[format], offered)).toBe(format)
  })
})

describe('CSV', () => {
  const columns: readonly Column<Record<string, string | number | undefined>>[] = [
    { name: 'a', type: 'STRING', of: (row) => row['a'] },
    { name: 'b', type: 'DOUBLE', of: (row) => row['b'] },
  ]
  it('quotes, leaves the unknown empty, and disarms formulas but not numbers', () => {
    const rows = [
      { a: '=HYPERLINK("http://evil")', b: -1.5 },
      { a: '+1', b: undefined },
      { a: '@x' },
      { a: '\tx' },
      { a: '-2' },
      { a: 'a,"b"\nc' },
      { a: 'plain' },
    ]
    expect(csvHead(columns) + csvRows(columns, rows)).toBe(
      `a,b\r\n"'=HYPERLINK(""http://evil"")",-1.5\r\n'+1,\r\n'@x,\r\n'\tx,\r\n'-2,\r\n"a,""b""\nc",\r\nplain,\r\n`,
    )
  })
})
