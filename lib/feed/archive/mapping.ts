/** The mapping file: which column of a CSV, NDJSON or Parquet table is what. JSON, checked by this schema before a row is read. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { breakwaterError } from '../../model/index.ts'

const cell = z.union([
  z.string(),
  z
    .object({ column: z.string(), values: z.record(z.string(), z.string()).optional(), lower: z.boolean().optional() })
    .strict(),
  z.object({ value: z.string() }).strict(),
])
const leg = z
  .object({ asset: cell.optional(), address: cell.optional(), amount: cell.optional(), usd: cell.optional() })
  .strict()
const common = {
  /** Venue id of the events. */
  venue: cell,
  time: z.object({ column: z.string(), unit: z.enum(['iso', 's', 'ms', 'us', 'ns']) }).strict(),
  /** Columns that name an event uniquely within its venue; without them the content does. */
  key: z.array(z.string()).min(1).optional(),
  usd: cell.optional(),
  account: cell.optional(),
  /** Rows that are no liquidation: kept out and counted when this column has one of these values. */
  skip: z
    .object({ column: z.string(), values: z.array(z.string()).min(1) })
    .strict()
    .optional(),
}
const perp = z
  .object({
    type: z.literal('perp-liquidation'),
    ...common,
    instrument: cell,
    coin: cell,
    /** Values that mean that a long (short) POSITION was closed; anything else is unknown. */
    side: z
      .object({ column: z.string(), long: z.array(z.string()), short: z.array(z.string()) })
      .strict()
      .optional(),
    size: cell.optional(),
    price: cell,
    priceKind: z.enum(['fill', 'bankruptcy', 'mark', 'entry', 'limit']),
  })
  .strict()
const loan = z
  .object({
    type: z.literal('loan-liquidation'),
    ...common,
    protocol: cell,
    market: cell.optional(),
    chain: cell.optional(),
    tx: cell.optional(),
    liquidator: cell.optional(),
    repaid: leg,
    seized: leg,
  })
  .strict()
const schema = z.discriminatedUnion('type', [perp, loan])

/** A checked mapping. */
export type Mapping = z.infer<typeof schema>
/** Where a value comes from: a column's name, a column with translated values, or a constant. */
export type Cell = z.infer<typeof cell>
/** The columns of one leg. */
export type LegMapping = z.infer<typeof leg>

/** Reads and checks a mapping file. Refuses (`bad-config`) with the place and the reason of each mistake. */
export async function readMapping(path: string): Promise<Mapping> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw breakwaterError('not-found', `there is no mapping file at ${path}`, { path }, { cause })
  })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw breakwaterError(
      'bad-config',
      `${path} is not JSON: ${(cause as Error).message}`,
      { path },
      { fix: 'Correct the mapping file.', cause },
    )
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issues = result.error.issues.map((issue) => `${issue.path.join('.') || 'mapping'}: ${issue.message}`)
  throw breakwaterError(
    'bad-config',
    `${path}: ${issues.join('; ').slice(0, 800)}`,
    { path },
    { fix: 'Correct the mapping file; docs/importing.md has the form.' },
  )
}

/** The columns a mapping reads, to check a table before its first row. */
export function columnsOf(mapping: Mapping): string[] {
  const found = new Set<string>([mapping.time.column, ...(mapping.key ?? [])])
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if ('column' in value) found.add((value as { column: string }).column)
    else for (const [name, inner] of Object.entries(value)) if (name !== 'value' && name !== 'key') visitCell(inner)
  }
  const visitCell = (value: unknown): void => {
    if (typeof value === 'string') found.add(value)
    else visit(value)
  }
  const { type: _type, key: _key, time: _time, ...rest } = mapping
  for (const [name, value] of Object.entries(rest)) if (name !== 'priceKind') visitCell(value)
  return [...found]
}
