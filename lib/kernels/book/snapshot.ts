/** A book's options and snapshots: what both the kernel and its plain twin check and write. */
import { assert, breakwaterError } from '../../model/index.ts'
import { type BookOptions, BUY, MAX_CAPACITY, MAX_LADDER, MAX_ORDER_NUMBERS, ORDER_WORDS, SELL } from './type.ts'

const MAX_INT32 = 0x7fffffff
const MAGIC = 0x4b4f4f42
const HEADER_WORDS = 6

/** The options with every field set. Throws `bad-config` naming the value and its limits. */
export function bookOptions(options: BookOptions): Required<BookOptions> {
  const { minTick, maxTick, capacity, orderNumbers = capacity } = options
  within('minTick', minTick, 0, MAX_INT32)
  within('maxTick', maxTick, minTick, Math.min(MAX_INT32, minTick + MAX_LADDER - 1))
  within('capacity', capacity, 1, MAX_CAPACITY)
  within('orderNumbers', orderNumbers, 1, MAX_ORDER_NUMBERS)
  return { minTick, maxTick, capacity, orderNumbers }
}

function within(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw breakwaterError(
    'bad-config',
    `a book's ${name} must be a whole number from ${least} to ${most}, not ${value}`,
    {
      [name]: value,
      least,
      most,
    },
  )
}

/** A book's bytes: 32-bit little-endian words, the options before the orders as `orders()` tells them. */
export function encodeSnapshot(options: Required<BookOptions>, orders: readonly number[]): Uint8Array {
  const words = Int32Array.of(MAGIC, ...optionWords(options), orders.length / ORDER_WORDS)
  const all = new Int32Array(HEADER_WORDS + orders.length)
  all.set(words)
  all.set(orders, HEADER_WORDS)
  return new Uint8Array(all.buffer)
}

/** The orders of {@link encodeSnapshot}'s bytes. Throws `bad-file` when the bytes are no snapshot of a book of these options. */
export function decodeSnapshot(options: Required<BookOptions>, snapshot: Uint8Array): Int32Array {
  const sound = snapshot.byteLength % 4 === 0 && snapshot.byteLength >= HEADER_WORDS * 4
  const words = sound ? new Int32Array(snapshot.slice().buffer) : new Int32Array(HEADER_WORDS)
  if (words[0] !== MAGIC) throw breakwaterError('bad-file', 'these bytes are no snapshot of a book')
  const given = Array.from(words.subarray(1, 5))
  const wanted = optionWords(options)
  if (given.some((word, at) => word !== wanted[at]))
    throw breakwaterError('bad-file', `the snapshot is of a book of options ${given}, not ${wanted}`)
  const orders = words.subarray(HEADER_WORDS)
  if (orders.length !== (words[5] as number) * ORDER_WORDS) throw breakwaterError('bad-file', 'the snapshot is cut off')
  checkOrders(options, orders)
  return orders
}

function optionWords({ minTick, maxTick, capacity, orderNumbers }: Required<BookOptions>): number[] {
  return [minTick, maxTick, capacity, orderNumbers]
}

/** Orders as a book can hold them: each number once, everything in range, in priority order, not crossed. */
function checkOrders(options: Required<BookOptions>, orders: Int32Array): void {
  const { minTick, maxTick, capacity, orderNumbers } = options
  const seen = new Set<number>()
  let side = BUY
  let last = maxTick
  let bestBid = -1
  for (let at = 0; at < orders.length; at += ORDER_WORDS) {
    const [order, owner, itsSide, tick, lots] = orders.subarray(at, at + ORDER_WORDS) as unknown as number[]
    assert(
      order !== undefined && owner !== undefined && tick !== undefined && lots !== undefined,
      'five words an order',
    )
    const inRange = order >= 0 && order < orderNumbers && owner >= 0 && lots > 0 && tick >= minTick && tick <= maxTick
    if (at === 0 && itsSide === BUY) bestBid = tick
    if (side === BUY && itsSide === SELL) {
      side = SELL
      last = Math.max(minTick, bestBid + 1)
    }
    const inOrder = itsSide === side && (side === BUY ? tick <= last : tick >= last)
    if (!inRange || !inOrder || seen.has(order) || seen.size === capacity)
      throw breakwaterError('bad-file', 'the snapshot holds an order that a book cannot hold', {
        order,
        owner,
        tick,
        lots,
      })
    seen.add(order)
    last = tick
  }
}
