/** `breakwater export`: every event that passes, with assets, decimal amounts and receipt, as NDJSON, CSV or Parquet. */
import { createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { type Filter, parseFilter, parseWindow } from '../analytics/index.ts'
import {
  breakwaterError,
  FACT_TYPES,
  type Fact,
  type Leg,
  type MarketEvent,
  toWire,
  type UnixMs,
} from '../model/index.ts'
import type { Store } from '../store/index.ts'
import { type CommonOptions, configOf } from './config.ts'
import { openDoor, servingUrl } from './door.ts'
import { withQuestion } from './read.ts'

type ExportOptions = CommonOptions & Record<string, string | boolean | undefined>

const CSV_COLUMNS =
  'id,time,received,source,venue,type,protocol,chain,market,instrument,coin,side,size,price,price_kind,usd,usd_basis,account,liquidator,repaid_asset,repaid_amount,seized_asset,seized_amount,tx,flags,receipt_file,receipt_place'

/** Adds the command. */
export function addExport(program: Command): void {
  withQuestion(program.command('export'))
    .description('write events as NDJSON, CSV or Parquet')
    .option('--format <form>', 'ndjson, csv or parquet', 'ndjson')
    .option('--out <file>', 'file to write; stdout unless told (Parquet needs a file)')
    .option('--type <types>', 'event types, comma list; everything unless told')
    .option('--id <id>', 'one event')
    .action(async (options: ExportOptions) => {
      const config = configOf({ ...options, demo: options['src'] === 'demo' })
      const door = await openDoor(config)
      try {
        if (!door.store)
          throw breakwaterError(
            'data-directory-locked',
            'a running server owns this data directory',
            {},
            {
              fix: `Ask it: curl -H 'Accept: application/x-ndjson' '${await servingUrl(config.data)}/v1/liquidations?window=24h', or stop it first.`,
            },
          )
        await write(door.store, options)
      } finally {
        await door.close()
      }
    })
}

async function write(store: Store, options: ExportOptions): Promise<void> {
  const { format, out, id } = options
  const where = filterOf(options)
  if (format === 'parquet') {
    if (typeof out !== 'string')
      throw breakwaterError('bad-config', 'Parquet needs a file', {}, { fix: 'Add --out FILE.' })
    const count = await store.exportParquet(where, out)
    process.stderr.write(`${count} events in ${out}\n`)
    return
  }
  if (format !== 'ndjson' && format !== 'csv')
    throw breakwaterError('bad-config', `format '${format}' is none`, {}, { fix: 'Use ndjson, csv or parquet.' })
  const one = typeof id === 'string' ? await store.get(id) : undefined
  if (typeof id === 'string' && !one) throw breakwaterError('not-found', `there is no event '${id}'`, { id })
  const lines = Readable.from(linesOf(one ? [one] : store.scan(where), format))
  if (typeof out !== 'string') return pipeline(lines, process.stdout, { end: false })
  // A name is given only to a whole file.
  await pipeline(lines, createWriteStream(`${out}.part`))
  await rename(`${out}.part`, out)
}

function filterOf(options: ExportOptions): Filter {
  const text = (name: string) => (typeof options[name] === 'string' ? (options[name] as string) : undefined)
  const words = Object.fromEntries(
    ['src', 'venue', 'protocol', 'chain', 'coin', 'side', 'kind', 'minUsd', 'account'].map((name) => [
      name,
      text(name),
    ]),
  )
  const spans = { window: text('window'), at: text('at'), from: text('from'), to: text('to') }
  const window = Object.values(spans).some((value) => value !== undefined)
    ? parseWindow(spans, Date.now() as UnixMs)
    : {}
  const types = text('type')
    ?.split(',')
    .map((type) => {
      const known = FACT_TYPES.find((candidate) => candidate === type)
      if (!known)
        throw breakwaterError('bad-query', `type '${type}' is none`, { type }, { fix: `Use ${FACT_TYPES.join(', ')}.` })
      return known as Fact['type']
    })
  return { ...parseFilter(words), ...window, ...(types ? { types } : {}) }
}

async function* linesOf(
  events: AsyncIterable<MarketEvent> | readonly MarketEvent[],
  format: 'ndjson' | 'csv',
): AsyncGenerator<string> {
  if (format === 'csv') yield `${CSV_COLUMNS}\n`
  for await (const event of events) yield `${format === 'csv' ? csvLine(event) : toWire(event)}\n`
}

function csvLine(event: MarketEvent): string {
  const field = (name: string) => (event as unknown as { [name: string]: unknown })[name]
  const leg = (name: string) => field(name) as Leg | undefined
  const { receipt } = event
  const place =
    receipt?.line ??
    (receipt?.segment === undefined ? undefined : `${receipt.segment}:${receipt.offset}:${receipt.index}`)
  const onChain = field('place') as { chain: string; tx: string } | undefined
  const cells = [
    event.id, new Date(event.time).toISOString(), new Date(event.received).toISOString(), event.source, event.venue, event.type, field('protocol'), onChain?.chain,
    field('market'), field('instrument'), field('coin'), field('side'), field('size'), field('price'), field('priceKind'), field('usd'), field('usdBasis'), field('account'), field('liquidator'),
    leg('repaid')?.asset, leg('repaid')?.amount, leg('seized')?.asset, leg('seized')?.amount, onChain?.tx, event.flags?.join(' '), receipt?.file, place,
  ] // biome-ignore format: in the order of the header
  return cells.map(csvCell).join(',')
}

/** Quoted where needed; text that a spreadsheet would run as a formula is disarmed. */
function csvCell(value: unknown): string {
  if (value === undefined || value === null) return ''
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value)
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
