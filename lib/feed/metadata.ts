/** A venue's instrument list: asked of the venue, kept on disk, and taken from there when the venue cannot be reached. */
import { type Clock, type Instrument, type Log, silent, type UnixMs } from '../model/index.ts'
import type { Metadata, Venue } from '../venues/index.ts'
import { newestInstruments, saveInstruments } from './instruments.ts'
import { whyUnreachable } from './reach.ts'

/** What loading needs. */
export type MetadataOptions = {
  readonly dataDir: string
  readonly venue: Venue
  readonly clock: Clock
  readonly log?: Log | undefined
  readonly urlFor?: ((url: string) => string) | undefined
  /** How long to wait for one answer, ms (default 10 s). */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** A list and where it comes from. `none`: neither the venue nor the disk had one; `why` says what the venue's failure was. */
export type LoadedInstruments = {
  readonly list: readonly Instrument[]
  readonly from: 'venue' | 'cache' | 'none'
  readonly confirmed: UnixMs | undefined
  readonly why: string | undefined
}

/** A venue that never comes to its last page is not followed for ever. */
const MOST_PAGES = 50

/** Loads the list. A venue that has no metadata address needs none: the empty list, from the venue. Never throws. */
export async function loadInstruments(options: MetadataOptions): Promise<LoadedInstruments> {
  const { dataDir, venue, clock, log = silent } = options
  if (venue.metadata.length === 0) return { list: [], from: 'venue', confirmed: clock.now(), why: undefined }
  try {
    const lists = await Promise.all(venue.metadata.map((metadata) => ask(options, metadata)))
    const bySymbol = new Map(lists.flat().map((instrument) => [instrument.symbol, instrument]))
    const list = [...bySymbol.values()]
    await saveInstruments(dataDir, venue.id, list, clock.now()).catch((error: Error) =>
      log('warn', `the instrument list of ${venue.id} could not be kept: ${error.message}`),
    )
    return { list, from: 'venue', confirmed: clock.now(), why: undefined }
  } catch (error) {
    const why = `the instrument list could not be loaded: ${whyUnreachable(error)}`
    const cached = await newestInstruments(dataDir, venue.id).catch(() => undefined)
    log('warn', `${venue.id}: ${why}`, { cached: cached?.confirmed })
    if (cached) return { list: cached.list, from: 'cache', confirmed: cached.confirmed, why }
    return { list: [], from: 'none', confirmed: undefined, why }
  }
}

async function ask(
  { urlFor = (url) => url, timeoutMs = 10_000, signal }: MetadataOptions,
  { url, parse, next }: Metadata,
): Promise<readonly Instrument[]> {
  const list: Instrument[] = []
  let page: string | undefined = url
  for (let pages = 0; page !== undefined; pages++) {
    if (pages === MOST_PAGES) throw new Error(`the list has more than ${MOST_PAGES} pages`)
    const signals = [AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]
    const response: Response = await fetch(urlFor(page), { signal: AbortSignal.any(signals) })
    if (!response.ok) throw new Error(`the venue answered HTTP ${response.status}`)
    const text = await response.text()
    const found = parse(text)
    list.push(...found)
    page = found.length > 0 ? next?.(text) : undefined
  }
  // An empty list is an error page or a changed format; what is on disk is better.
  if (list.length === 0) throw new Error('the answer lists no instrument')
  return list
}
