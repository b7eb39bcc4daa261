/** What a venue is to us: it describes its feeds and decodes their frames; it never connects. */
import type { Fact, Instrument, Instruments, UnixMs } from '../model/index.ts'

/** What a feed can carry. */
export type Channel = 'liquidations' | 'trades' | 'open-interest' | 'funding' | 'mark'

/**
 * How much of the truth a channel tells.
 * `sampled`: at most one event per `scope` per `perMs`, the `latest` or the `largest` of it; its totals are lower bounds.
 */
export type Policy =
  | { readonly kind: 'complete' }
  | {
      readonly kind: 'sampled'
      readonly keep: 'latest' | 'largest' | 'unknown'
      readonly perMs: number
      readonly scope: 'symbol' | 'symbol-and-side'
    }
  | { readonly kind: 'none' }

/** A dated fact about a channel: the policy in force from `since` (ISO day, or `undefined`: for as long as we know) until the next one. */
export type CoverageFact = {
  readonly channel: Channel
  readonly since: string | undefined
  readonly policy: Policy
  /** Where this is said: a page, a change log, a recording. */
  readonly page: string
  readonly note?: string | undefined
}

/** One frame as it came from the wire, decompressed, before any thought. For chains: one log as JSON text, see `ChainLog`. */
export type Raw = { readonly received: UnixMs; readonly text: string }

/**
 * A decoded fact. `key` is the same text whenever the venue sends the same event again (it becomes the id);
 * `time` is the venue's own time, `undefined` where the frame has none.
 */
export type Decoded = Fact & {
  readonly key: string
  readonly time: UnixMs | undefined
  readonly flags?: readonly string[]
}

/** A frame or row that could not be taken. The feed keeps it with the raw text; nothing is swallowed. */
export type Refused = { readonly type: 'refused'; readonly reason: string; readonly part?: string | undefined }

/** Turns one frame into facts. Never throws on the world's input; an acknowledgement or heartbeat gives nothing. */
export type Decoder = (raw: Raw) => readonly (Decoded | Refused)[]

/** What a decoder may read beside the frame: the venue's contracts by symbol. The map may grow while it decodes. */
export type DecoderContext = { readonly instruments: Instruments }

/** What to listen to. `symbols: undefined` = everything the venue lists. */
export type Want = {
  readonly channels: readonly Channel[]
  readonly symbols?: readonly string[] | undefined
  readonly instruments: Instruments
}

/** What a frame means to the connection itself. */
export type Control =
  | { readonly kind: 'heartbeat' }
  | { readonly kind: 'subscribed' }
  /** The venue said no; `harmless` = already subscribed and the like. */
  | { readonly kind: 'refused'; readonly why: string; readonly harmless?: boolean }

/** One WebSocket to open, as data and pure functions. */
export type SocketPlan = {
  readonly kind: 'socket'
  /** Stable within the venue: names the recording's stream, e.g. `liquidations-1`. */
  readonly name: string
  readonly channels: readonly Channel[]
  readonly url: string
  /** Asked for in the opening request, e.g. another number format. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Sent in this order after opening, at most one per `subscribeEveryMs`. */
  readonly subscribe: readonly string[]
  readonly subscribeEveryMs: number
  /** Sent by us at this interval: protocol-level ping, or a text frame. */
  readonly ping?: { readonly everyMs: number; readonly send: 'protocol' | { readonly text: string } } | undefined
  /** The venue cuts connections after this long; we rotate earlier, with overlap. */
  readonly cutAfterMs?: number | undefined
  /** Any frame at all (heartbeats too) is due within this time; else the connection is dead. */
  readonly deadAfterMs: number
  /** Frames are gzip. */
  readonly gzip?: boolean | undefined
  /** The text to answer a frame with at once (echoing a server's ping), or nothing. */
  readonly reply?: ((text: string) => string | undefined) | undefined
  /** What a frame means to the connection, or `undefined` for data. */
  readonly control?: ((text: string) => Control | undefined) | undefined
}

/** One HTTP address to ask again and again (venues that publish open interest by REST only). The answer is decoded like a frame. */
export type PollPlan = {
  readonly kind: 'poll'
  readonly name: string
  readonly channels: readonly Channel[]
  readonly url: string
  readonly method?: 'GET' | 'POST' | undefined
  readonly body?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly everyMs: number
}

/** Logs of these topics on a chain; the addresses narrow them where the protocol's are known. */
export type LogPlan = {
  readonly kind: 'logs'
  readonly name: string
  readonly channels: readonly Channel[]
  readonly chain: string
  readonly topics: readonly string[]
  readonly addresses?: readonly string[] | undefined
}

/** What the feed must open to hear a venue. */
export type Connection = SocketPlan | PollPlan | LogPlan

/** Where the list of a venue's contracts comes from, and how to read it. */
export type Metadata = {
  readonly url: string
  readonly parse: (text: string) => readonly Instrument[]
  /** The address of the page after this answer, where a venue cuts its list into pages; `undefined` on the last. */
  readonly next?: ((text: string) => string | undefined) | undefined
}

/** An exchange or protocol as it speaks. */
export type Venue = {
  /** Kebab-case; the file's name, the registry's key, the `venue` of its events. */
  readonly id: string
  readonly name: string
  readonly kind: 'cex' | 'perp-dex' | 'lending'
  /** Its own page on the feed. */
  readonly page: string
  /** True where events carry account ids, so that accounts can be counted. */
  readonly accounts: boolean
  /** Oldest first per channel. */
  readonly coverage: readonly CoverageFact[]
  /** The day the venue or its feed ended (ISO), where it did. */
  readonly ended?: string | undefined
  readonly metadata: readonly Metadata[]
  plan(want: Want): readonly Connection[]
  decoder(context: DecoderContext): Decoder
}

/** The policy in force on a channel at an instant; `none` where nothing is known. */
export function policyAt(venue: Pick<Venue, 'coverage' | 'ended'>, channel: Channel, at: UnixMs): Policy {
  if (venue.ended !== undefined && at >= Date.parse(venue.ended)) return { kind: 'none' }
  let policy: Policy = { kind: 'none' }
  for (const fact of venue.coverage) {
    if (fact.channel === channel && (fact.since === undefined || at >= Date.parse(fact.since))) policy = fact.policy
  }
  return policy
}

/** One log of a chain as the feed hands it to a decoder: this object as JSON text. Hex in lower case; block and index as numbers. */
export type ChainLog = {
  readonly chain: string
  readonly address: string
  readonly topics: readonly string[]
  readonly data: string
  readonly blockNumber: number
  readonly blockHash: string
  /** Seconds since 1970, from the block. */
  readonly timestamp: number
  readonly transactionHash: string
  readonly logIndex: number
  /** True when the log is withdrawn by a reorganisation. */
  readonly removed?: boolean
}
