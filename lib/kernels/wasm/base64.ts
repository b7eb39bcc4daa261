/** Base64 to bytes, for modules that are carried in TypeScript files; the same in every place where JavaScript runs. */

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** The bytes of a base64 text (RFC 4648, padded). Throws on a letter that is none. */
export function bytesOfBase64(text: string): Uint8Array {
  const letters = text.replace(/={1,2}$/, '')
  const bytes = new Uint8Array(Math.floor((letters.length * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (const letter of letters) {
    const value = LETTERS.indexOf(letter)
    if (value < 0) throw new RangeError(`not a letter of base64: ${letter}`)
    bits = ((bits << 6) | value) & 0xffff
    held += 6
    if (held < 8) continue
    held -= 8
    bytes[at++] = (bits >>> held) & 0xff
  }
  return bytes
}
