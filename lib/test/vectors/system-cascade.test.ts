import { describe, expect, it } from 'vitest'
import { runVectors } from '../vectors.ts'

const book = [
  [97, 10],
  [95.5, 20],
  [94, 40],
  [90, 80],
  [80, 200],
]
const inputs = { p0: 100, shock: 0.03, book }
const check = (mech: string, asked: unknown, expected: unknown) =>
  runVectors([{ id: 'X', mech, inputs: asked, expected, tol: 1e-9 }])

describe('the critical impact of a book', () => {
  it('is answered at the pair that the vector names, where the outcome jumps between the two', () => {
    const rounds = (k: number) => {
      let [price, sum] = [97, 0]
      return book.map(([, quantity]) => {
        sum += quantity as number
        price = 97 - k * sum
        return [1, quantity, price]
      })
    }
    const expected = {
      below: { k: 0.149, p: 95.51, rounds: 1 },
      above: { k: 0.151, p: 97 - 0.151 * 350, rounds: rounds(0.151) },
    }
    expect(check('E.cascade', inputs, expected)).toMatchObject({ differences: [], unsupported: [] })
    expect(
      check('E.cascade', inputs, { ...expected, below: { k: 0.149, p: 95.52, rounds: 1 } }).differences,
    ).toHaveLength(1)
  })

  it('is found by itself where the vector’s pair has no jump between it, which then is a difference', () => {
    const far = { below: { k: 0.1, p: 96, rounds: 1 }, above: { k: 0.149, p: 95.51, rounds: [[1, 10, 95.51]] } }
    expect(check('E.cascade', inputs, far).differences.length).toBeGreaterThan(2)
    const cliff = { below: { k: 0.15, p: 95.5, rounds: 1 }, above: { k: 0.15, p: 44.5 } }
    expect(check('E.cascade', inputs, cliff)).toMatchObject({ differences: [], unsupported: [] })
  })

  it('has a mirror image: shorts above a rising price', () => {
    const shorts = {
      p0: 100,
      shock: -0.03,
      k: 0.05,
      book: [
        [103, 10],
        [104, 5],
      ],
    }
    expect(check('E.cascade', shorts, { pFinal: 103.5, rounds: [[1, 10, 103.5]] })).toMatchObject({ differences: [] })
  })
})
