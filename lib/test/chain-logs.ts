/** Logs as contracts write them, made with viem, which shares no code with our own reader. */
import { type AbiEvent, encodeAbiParameters, encodeEventTopics, type Hex, pad, parseAbiItem, toHex } from 'viem'
import type { ChainLog } from '../venues/index.ts'

/** An event as its contract declares it, where it is logged, and with which values. */
export type LogSpec = {
  readonly signature: string
  readonly chain?: string
  readonly address: string
  readonly args: Readonly<Record<string, unknown>>
  readonly logIndex?: number
}

/** An address that is easy to tell apart: its last digits are `n`. */
export function account(n: number): Hex {
  return pad(toHex(n), { size: 20 })
}

/** A 32-byte word that ends in `n`. */
export function word(n: number): Hex {
  return pad(toHex(n), { size: 32 })
}

/** The event of a declaration such as `event Transfer(address indexed from, …)`. */
export function eventOf(signature: string): AbiEvent {
  return parseAbiItem(signature as never) as unknown as AbiEvent
}

/** The log a node would hand out for an event. */
export function chainLog(spec: LogSpec): ChainLog {
  const event = eventOf(spec.signature)
  const args = spec.args as never
  const topics = encodeEventTopics({ abi: [event], eventName: event.name, args } as never) as readonly string[]
  const plain = event.inputs.filter((input) => !input.indexed)
  const data = encodeAbiParameters(plain, plain.map((input) => spec.args[input.name as string]) as never)
  return {
    chain: spec.chain ?? 'ethereum',
    address: spec.address,
    topics,
    data,
    blockNumber: 24_000_000,
    blockHash: word(0xb10c),
    timestamp: 1_760_000_000,
    transactionHash: word(0x7a),
    logIndex: spec.logIndex ?? 3,
  }
}
