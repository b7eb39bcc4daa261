/** What the feed hands on: decoded batches whose raw frames are already safe on disk, and how each connection is doing. */
import type { MarketEvent, Rejected, UnixMs } from '../model/index.ts'

/** Events and refusals of one stretch of a recording. Handed on only after the frames they come from are fsynced. */
export type Batch = {
  readonly events: readonly MarketEvent[]
  readonly rejected: readonly Rejected[]
  /** Recording position up to which everything is in this or an earlier batch; goes into the store's checkpoint. */
  readonly stream: string
  readonly position: string
}

/** The state of one connection, for `/v1/coverage`, `/health`, the terminal and the tape. */
export type ConnectionStatus = {
  readonly venue: string
  readonly name: string
  readonly state: 'connecting' | 'open' | 'silent' | 'waiting' | 'closed'
  /** Why it is not `open`, in words. */
  readonly why: string | undefined
  readonly since: UnixMs
  readonly lastFrame: UnixMs | undefined
  readonly lastEvent: UnixMs | undefined
  readonly frames: number
  readonly events: number
  readonly rejected: number
  readonly dropped: number
  readonly reconnects: number
  /** The venue's clock minus ours, ms (median of the last frames that carry a send time). */
  readonly skewMs: number | undefined
}

/** A running feed. */
export type Feed = {
  status(): readonly ConnectionStatus[]
  /** Resolves when every connection is closed, every frame fsynced and every batch handed on. */
  stop(): Promise<void>
}
