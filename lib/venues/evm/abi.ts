/**
 * Reading what a contract wrote into a log: 32-byte words, and the dynamic values that heads point to.
 * Whatever does not fit its type, or lies outside the data, reads as `undefined`: a log is the world's input.
 * https://docs.soliditylang.org/en/latest/abi-spec.html
 */

/** Checked data of a log: hex digits in lower case without `0x`, an even number of them. */
export type Data = string & { readonly data: unique symbol }

const WORD = 64
const WORD_BYTES = 32
const HEX = /^(?:[0-9a-f]{2})*$/
const ADDRESS_BITS = 160n
const INT_SIGN = 1n << 255n
const INT_SPAN = 1n << 256n
/** No list or text of a log is longer: a block's gas could not pay for it, and a false length must not stop us. */
const LONGEST = 100_000

/** The hex digits of `0x…` text, or `undefined` when it is no sequence of bytes. */
export function dataOf(hex: string): Data | undefined {
  const digits = hex.slice(2).toLowerCase()
  return /^0x/i.test(hex) && HEX.test(digits) ? (digits as Data) : undefined
}

/** The word that starts at byte `at`, or `undefined` when the data ends before it does. */
function wordAt(data: Data, at: number): string | undefined {
  const start = at * 2
  return Number.isSafeInteger(start) && start >= 0 && start + WORD <= data.length
    ? data.slice(start, start + WORD)
    : undefined
}

/** `uint256` in the word that starts at byte `at`. */
export function uintAt(data: Data, at: number): bigint | undefined {
  const word = wordAt(data, at)
  return word === undefined ? undefined : BigInt(`0x${word}`)
}

/** `int256` (two's complement) in the word that starts at byte `at`. */
export function intAt(data: Data, at: number): bigint | undefined {
  const value = uintAt(data, at)
  return value === undefined || value < INT_SIGN ? value : value - INT_SPAN
}

/** `address` in lower case; a word with anything above its 20 bytes is none. */
export function addressAt(data: Data, at: number): string | undefined {
  const word = wordAt(data, at)
  return word === undefined || BigInt(`0x${word}`) >> ADDRESS_BITS !== 0n ? undefined : `0x${word.slice(24)}`
}

/** `bool`; a word other than 0 or 1 is none. */
export function boolAt(data: Data, at: number): boolean | undefined {
  const value = uintAt(data, at)
  return value === 0n ? false : value === 1n ? true : undefined
}

/** `bytes32` as `0x` and 64 digits. */
export function bytes32At(data: Data, at: number): string | undefined {
  const word = wordAt(data, at)
  return word === undefined ? undefined : `0x${word}`
}

/**
 * Where a dynamic value starts: the head at byte `at` holds its distance from `base`, the start of the tuple it stands in.
 * A distance that leads out of the data is none.
 */
export function tailAt(data: Data, at: number, base: number): number | undefined {
  const distance = uintAt(data, at)
  if (distance === undefined || distance > BigInt(data.length)) return undefined
  const start = base + Number(distance)
  return start * 2 <= data.length ? start : undefined
}

/** A count or length at byte `at`, or `undefined` when no log could hold so many. */
export function lengthAt(data: Data, at: number): number | undefined {
  const length = uintAt(data, at)
  return length === undefined || length > BigInt(LONGEST) ? undefined : Number(length)
}

/** `string` whose length stands at byte `at`, by its bytes as ASCII; other characters become `�`. */
export function stringAt(data: Data, at: number): string | undefined {
  const length = lengthAt(data, at)
  if (length === undefined) return undefined
  const start = (at + WORD_BYTES) * 2
  const digits = data.slice(start, start + length * 2)
  return digits.length === length * 2 ? asciiOf(digits) : undefined
}

/** Text of a `bytes32` that holds ASCII, such as Maker's `ETH-A`: up to the first zero byte; `undefined` when it holds anything else. */
export function textOfBytes32(word: string): string | undefined {
  const text = asciiOf(word.slice(2).replace(/(?:00)+$/, ''))
  return /^[\x21-\x7e]+$/.test(text) ? text : undefined
}

function asciiOf(digits: string): string {
  let text = ''
  for (let at = 0; at + 1 < digits.length; at += 2) {
    const code = Number.parseInt(digits.slice(at, at + 2), 16)
    text += code < 128 ? String.fromCharCode(code) : '�'
  }
  return text
}
