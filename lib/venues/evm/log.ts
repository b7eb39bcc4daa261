/**
 * One log of a chain, checked before any protocol reads it, and what every decoder does with it alike.
 *
 * The key of an event is `chain:block hash:transaction:log index`. The block hash is part of it on purpose: a log that a
 * reorganisation throws out and that a later block takes in again is a NEW event. Were the key without it, the second event
 * would carry the id of the first, and the retraction that still stands would silence both. So the old event stays
 * retracted for ever, and the same liquidation counts once, in the block in which it finally stands.
 */
import { type ChainPlace, type UnixMs, unixMs } from '../../model/index.ts'
import { isRow, jsonOf, listOf, type Row, refusal } from '../rows.ts'
import type { Decoded, Decoder, Refused } from '../venue.ts'
import { type Data, dataOf } from './abi.ts'

/** A log whose fields have been checked. Everything hex is in lower case. */
export type CheckedLog = {
  readonly chain: string
  readonly address: string
  readonly topic0: string
  /** The indexed arguments, one word each. */
  readonly indexed: Data
  readonly topicCount: number
  readonly data: Data
  readonly time: UnixMs
  readonly key: string
  readonly place: ChainPlace
  readonly removed: boolean
  /** The whole log as it came, for refusals. */
  readonly text: string
}

const ADDRESS = /^0x[0-9a-f]{40}$/
const HASH = /^0x[0-9a-f]{64}$/
const CHAIN = /^[a-z0-9-]{1,40}$/
const MOST_TOPICS = 4
/** More dollars than there are: a hundred trillion. */
const MOST_DOLLARS = 1e14

/** The log in a frame, or why it is none. */
export function logOf(text: string): CheckedLog | Refused {
  const row = jsonOf(text)
  if (row === undefined) return refusal('not JSON', text)
  if (!isRow(row)) return refusal('not an object', text)
  const chain = typeof row.chain === 'string' && CHAIN.test(row.chain) ? row.chain : undefined
  if (chain === undefined) return refusal('a log without the name of its chain', text)
  const address = hexOf(row.address, ADDRESS)
  const topics = topicsOf(row)
  const data = typeof row.data === 'string' ? dataOf(row.data) : undefined
  if (address === undefined) return refusal('a log without an address', text)
  if (topics === undefined) return refusal('a log without one to four topics of 32 bytes', text)
  if (data === undefined) return refusal('a log whose data is not bytes', text)
  const blockHash = hexOf(row.blockHash, HASH)
  const tx = hexOf(row.transactionHash, HASH)
  const block = countOf(row.blockNumber)
  const logIndex = countOf(row.logIndex)
  if (blockHash === undefined || tx === undefined || block === undefined || logIndex === undefined)
    return refusal('a log that does not say where it stands (block, its hash, transaction, log index)', text)
  const seconds = countOf(row.timestamp)
  const time = seconds === undefined ? undefined : unixMs(seconds * 1000)
  if (time === undefined) return refusal('the time of the block is missing or outside 2009 to 2100', text)
  return {
    chain,
    address,
    topic0: topics[0] as string,
    indexed: topics
      .slice(1)
      .map((topic) => topic.slice(2))
      .join('') as Data,
    topicCount: topics.length,
    data,
    time,
    key: `${chain}:${blockHash}:${tx}:${logIndex}`,
    place: { chain, block, blockHash, tx, logIndex, address },
    removed: row.removed === true,
    text,
  }
}

function hexOf(value: unknown, shape: RegExp): string | undefined {
  const text = typeof value === 'string' ? value.toLowerCase() : ''
  return shape.test(text) ? text : undefined
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

function topicsOf(row: Row): string[] | undefined {
  const topics = listOf(row.topics).map((topic) => hexOf(topic, HASH))
  if (topics.length === 0 || topics.length > MOST_TOPICS) return undefined
  return topics.every((topic) => topic !== undefined) ? topics : undefined
}

/**
 * What a protocol makes of one checked log: the fact without key and time; `undefined` when the log is another's or nothing
 * to us; text that says what is wrong when it is the protocol's and cannot be read.
 */
export type LogReader = (log: CheckedLog) => LogFact | string | undefined

/** A fact before its key and time, which the log gives. */
export type LogFact = WithoutStamp<Decoded>
type WithoutStamp<T> = T extends unknown ? Omit<T, 'key' | 'time'> : never

/**
 * A decoder that reads logs by their first topic. A log of another topic gives nothing; a withdrawn log is read all the
 * same, so that only events we gave are retracted, and gives the retraction of the event it had given.
 */
export function logDecoder(readers: Readonly<Record<string, LogReader>>): Decoder {
  return ({ text }) => {
    const log = logOf(text)
    if ('type' in log) return [log]
    const fact = Object.hasOwn(readers, log.topic0) ? readers[log.topic0]?.(log) : undefined
    if (fact === undefined) return []
    if (typeof fact === 'string') return [refusal(fact, text)]
    if ('usd' in fact && fact.usd !== undefined && !(fact.usd < MOST_DOLLARS))
      return [refusal('a value beyond all money: no dollar amount of this log can be right', text)]
    const { key, time } = log
    if (log.removed) return [{ type: 'retraction', of: key, why: 'reorganisation', key: `retract|${key}`, time }]
    return [{ ...fact, key, time }]
  }
}

/** A log's shape as its contract declares it: that many topics, and at least that many words of data. */
export function hasShape(log: CheckedLog, topics: number, words: number): boolean {
  return log.topicCount === topics && log.data.length >= words * 64
}
