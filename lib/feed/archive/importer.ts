/** What an importer is: it claims files by their first bytes and turns them into events, in order, resumable. */
import type { MarketEvent, Rejected, UnixMs } from '../../model/index.ts'

/** What detection may look at: the path, the names beside it (for a folder: its entries) and the first 64 KiB, decompressed. */
export type Candidate = {
  readonly path: string
  readonly isFolder: boolean
  readonly entries: readonly string[]
  readonly head: string
}

/** A stretch of a file. `position` resumes right after it; the fractions feed the progress bar. */
export type Chunk = {
  readonly events: readonly MarketEvent[]
  readonly rejected: readonly Rejected[]
  readonly position: string
  readonly done: number
  readonly total: number
}

/** How to read: events get `received`; `from` is a position of an earlier, interrupted run. */
export type ImportContext = { readonly received: UnixMs; readonly from: string | undefined }

/** One file format. Reading the same bytes gives the same events with the same ids, whatever the chunking. */
export type Importer = {
  /** The name for `--as`. */
  readonly id: string
  readonly what: string
  /** True only when sure; exactly one importer may claim a candidate. */
  claims(candidate: Candidate): boolean
  read(path: string, context: ImportContext): AsyncIterable<Chunk>
}
