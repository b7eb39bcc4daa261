/** The reader of words against viem's encoder, at the edges, and outside of the data. */
import fc from 'fast-check'
import { encodeAbiParameters, parseAbiParameters } from 'viem'
import { describe, expect, it } from 'vitest'
import * as abi from './abi.ts'

const encode = (types: string, values: unknown[]) =>
  abi.dataOf(encodeAbiParameters(parseAbiParameters(types as never) as never, values as never)) as abi.Data
const uint = fc.bigInt(0n, 2n ** 256n - 1n)
const int = fc.bigInt(-(2n ** 255n), 2n ** 255n - 1n)
const address = fc.stringMatching(/^[0-9a-f]{40}$/).map((digits) => `0x${digits}`)

describe('words', () => {
  it('read back what was encoded', () => {
    fc.assert(
      fc.property(uint, int, address, fc.boolean(), (u, i, a, b) => {
        const data = encode('uint256, int256, address, bool', [u, i, a, b])
        expect([abi.uintAt(data, 0), abi.intAt(data, 32), abi.addressAt(data, 64), abi.boolAt(data, 96)]).toEqual([
          u,
          i,
          a,
          b,
        ])
        expect(abi.bytes32At(data, 0)).toBe(`0x${u.toString(16).padStart(64, '0')}`)
      }),
    )
  })

  it('are none outside of the data, across its end and at odd places', () => {
    const data = encode('uint256', [7n])
    for (const at of [-32, -1, 1, 32, 33, 1e18, Number.NaN, Number.POSITIVE_INFINITY, 0.25]) {
      expect([at, abi.uintAt(data, at)]).toEqual([at, undefined])
      expect(abi.addressAt(data, at)).toBeUndefined()
    }
  })

  it('are no address with dirty upper bytes, and no flag above one', () => {
    expect(abi.addressAt(encode('uint256', [2n ** 160n]), 0)).toBeUndefined()
    expect(abi.addressAt(encode('uint256', [2n ** 160n - 1n]), 0)).toBe(`0x${'ff'.repeat(20)}`)
    expect(abi.boolAt(encode('uint256', [2n]), 0)).toBeUndefined()
  })
})

describe('dynamic values', () => {
  it('are found from the start of their tuple', () => {
    const text = fc.stringMatching(/^[ -~]{0,80}$/)
    fc.assert(
      fc.property(text, uint, (value, u) => {
        const data = encode('uint256, (uint256, string)', [u, [u, value]])
        const tuple = abi.tailAt(data, 32, 0) as number
        expect(abi.stringAt(data, abi.tailAt(data, tuple + 32, tuple) as number)).toBe(value)
      }),
    )
  })

  it('are none where a head or a length points out of the data', () => {
    expect(abi.tailAt(encode('uint256', [2n ** 255n]), 0, 0)).toBeUndefined()
    expect(abi.tailAt(encode('uint256', [33n]), 0, 0)).toBeUndefined()
    expect(abi.lengthAt(encode('uint256', [2n ** 64n]), 0)).toBeUndefined()
    expect(abi.stringAt(encode('uint256, uint256', [33n, 0n]), 0)).toBeUndefined()
  })
})

describe('data', () => {
  it('is whole bytes after 0x', () => {
    expect(abi.dataOf('0xAb01')).toBe('ab01')
    for (const text of ['', 'ab01', '0xabc', '0xzz', '0x 1'])
      expect([text, abi.dataOf(text)]).toEqual([text, undefined])
  })

  it('names of Maker are the text before the zeros', () => {
    expect(abi.textOfBytes32(`0x${'4554482d41'.padEnd(64, '0')}`)).toBe('ETH-A')
    expect(abi.textOfBytes32(`0x${'50'.padEnd(64, '0')}`)).toBe('P')
    expect(abi.textOfBytes32(`0x${'00'.repeat(32)}`)).toBeUndefined()
    expect(abi.textOfBytes32(`0x${'4500'.padEnd(62, '0')}01`)).toBeUndefined()
  })
})
