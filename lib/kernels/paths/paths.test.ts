import { describe, expect, it } from 'vitest'
import { type Prng, prng } from '../../model/index.ts'
import { type LiquidationLevel, type LogPush, levelBook, reachedBy } from './level-book.ts'
import { fillNormals, pathChance } from './moves.ts'
import { mergeChunks, spreadOf } from './outcomes.ts'
import { PATH_COLUMNS, type PathOptions, runPaths } from './paths.ts'
import { plainPath } from './plain.ts'

const BOOKS = 10_000
const START = 100

/** Levels that cluster and tie, on the start price too, some with a bankruptcy price that a jump can pass. */
function randomLevels(chance: Prng): LiquidationLevel[] {
  return Array.from({ length: chance.int(25) }, () => {
    const side = chance.next() < 0.5 ? 'long' : 'short'
    const sign = side === 'long' ? -1 : 1
    const distance = chance.next() < 0.1 ? 0 : 0.12 * chance.next()
    const price = START * (1 + sign * distance)
    const at = chance.next() < 0.4 ? Math.round(price) : price
    return {
      side,
      price: at,
      quantity: chance.int(200),
      bankruptcy: chance.next() < 0.7 ? at * (1 + sign * 0.01 * chance.next()) : undefined,
    } as const
  })
}

/** Pushes of every shape: none, straight, square root, and one that jumps. */
function randomPush(chance: Prng): LogPush {
  const k = 10 ** (-5 + 2 * chance.next())
  return chance.pick<LogPush>([
    { sell: () => 0, buy: () => 0 },
    { sell: (lots) => -k * lots, buy: (lots) => 0.5 * k * lots },
    { sell: (lots) => -0.01 * Math.sqrt(k * lots), buy: (lots) => 0.01 * Math.sqrt(k * lots) },
    { sell: (lots) => (lots > 500 ? -0.03 : 0), buy: (lots) => (lots > 300 ? 0.02 : 0) },
  ])
}

function randomOptions(chance: Prng, seed: number): PathOptions {
  return {
    start: START,
    shock: chance.pick([0, 0, -0.03, 0.04]),
    moves: {
      steps: chance.int(30),
      drift: 0.0005 * chance.normal(),
      volatility: 0.01 * chance.next(),
      jumps: chance.next() < 0.5 ? { perStep: 0.05, mean: -0.02, deviation: 0.03 } : undefined,
    },
    permanent: chance.pick([1, 0.6, 0]),
    keep: chance.pick([1, 0.9, 0.2, 0]),
    seed,
  }
}

describe('paths over a book of levels', () => {
  it(`agree with the plain simulator exactly, on ${BOOKS.toLocaleString('en-US')} random books`, () => {
    const chance = prng('paths against plain')
    const seen = { forced: 0, manyRounds: 0, badDebt: 0, both: 0 }
    for (let number = 0; number < BOOKS; number++) {
      const levels = randomLevels(chance)
      const push = randomPush(chance)
      const options = randomOptions(chance, number)
      const path = chance.int(1000)
      const got = runPaths(levelBook(levels, push), options, path, path + 1)
      const plain = plainPath(levels, push, options, path)
      for (const name of PATH_COLUMNS)
        if (got[name][0] !== plain[name]) expect(`${number} ${name} ${got[name][0]}`).toBe(`${plain[name]}`)
      if (plain.levels > 0) seen.forced++
      if (plain.rounds > 2) seen.manyRounds++
      if (plain.badDebt > 0) seen.badDebt++
      if (plain.longLots > 0 && plain.shortLots > 0) seen.both++
    }
    for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(500)
  })

  it('agree on larger books, where cells of the grid hold many levels', () => {
    const chance = prng('larger books')
    const levels = Array.from({ length: 900 }, () => randomLevels(chance)).flat()
    const push: LogPush = { sell: (lots) => -6e-8 * lots, buy: (lots) => 6e-8 * lots }
    const options = { ...randomOptions(chance, 7), moves: { steps: 40, drift: 0, volatility: 0.008 } }
    const got = runPaths(levelBook(levels, push), options, 0, 6)
    for (let path = 0; path < 6; path++) {
      const plain = plainPath(levels, push, options, path)
      expect(PATH_COLUMNS.map((name) => got[name][path])).toEqual(PATH_COLUMNS.map((name) => plain[name]))
    }
    expect(got.rounds.some((rounds) => rounds > 10)).toBe(true)
  })

  it('give the same for any division into chunks, and other paths for another seed', () => {
    const chance = prng('chunks')
    const book = levelBook(Array.from({ length: 20 }, () => randomLevels(chance)).flat(), randomPush(chance))
    const options = { ...randomOptions(chance, 1), moves: { steps: 100, drift: 0, volatility: 0.01 } }
    const whole = runPaths(book, options, 0, 200)
    const cuts = [0, 1, 17, 17, 100, 163, 200]
    const parts = cuts.slice(1).map((to, at) => runPaths(book, options, cuts[at] as number, to))
    expect(mergeChunks([...parts].reverse())).toEqual(whole)
    expect(runPaths(structuredClone(book), options, 0, 200)).toEqual(whole)
    expect(runPaths(book, { ...options, seed: 2 }, 0, 200).price).not.toEqual(whole.price)
    expect(() => mergeChunks([parts[1], parts[4]] as never)).toThrow(/missing/)
    expect(() => mergeChunks([whole, whole])).toThrow(/twice/)
  })

  it('count as reached exactly what a comparison of every key says', () => {
    const chance = prng('reached')
    for (let round = 0; round < 200; round++) {
      const { long, short } = levelBook(randomLevels(chance), { sell: () => 0, buy: () => 0 })
      for (const side of [long, short])
        for (const key of [...side.keys, -1e9, 1e9, ...side.keys.map((one) => one + 1e-15 * chance.normal())])
          expect(reachedBy(side, side.sign * key)).toBe(side.keys.filter((one) => one >= key).length)
    }
  })

  it('have quantiles that occurred, the same from chunks', () => {
    const options = { ...randomOptions(prng(3), 3), shock: 0, moves: { steps: 50, drift: 0, volatility: 0.01 } }
    const chunk = runPaths(levelBook([], { sell: () => 0, buy: () => 0 }), options, 0, 1001)
    const { quantiles, least, greatest } = spreadOf(chunk, 'price', [0, 0.5, 1])
    const sorted = [...chunk.price].sort((a, b) => a - b)
    expect(quantiles.map(({ value }) => value)).toEqual([sorted[0], sorted[500], sorted[1000]])
    expect([least, greatest]).toEqual([sorted[0], sorted[1000]])
    expect(() => spreadOf(chunk, 'price', [1.1])).toThrow()
  })

  it('refuse what is no book and no path', () => {
    const none: LogPush = { sell: () => 0, buy: () => 0 }
    const level = { side: 'long', price: 90, quantity: 1 } as const
    expect(() => levelBook([{ ...level, price: 0 }], none)).toThrow(/level 0: the price/)
    expect(() => levelBook([level, { ...level, quantity: 0.5 }], none)).toThrow(/level 1: the number of lots/)
    expect(() => levelBook([level], { ...none, sell: (lots) => lots })).toThrow(/turns back/)
    const options = randomOptions(prng(1), 1)
    expect(() => runPaths(levelBook([], none), { ...options, shock: -1 }, 0, 1)).toThrow(/leaves no price/)
    expect(() => runPaths(levelBook([], none), { ...options, keep: 2 }, 0, 1)).toThrow(/keeps per step/)
  })
})

describe('normals of the paths', () => {
  it('have the moments, the middle and the tails of the normal distribution', () => {
    const count = 1_500_000
    const out = new Float64Array(count)
    fillNormals(pathChance('moments', 0, 0), out, count)
    const mean = (power: number) => out.reduce((sum, z) => sum + z ** power, 0) / count
    // Standard errors of the first four moments: √(1, 2, 15, 96) / √n.
    for (const [power, value, variance] of [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ] as const)
      expect(Math.abs(mean(power) - value)).toBeLessThan(4.5 * Math.sqrt(variance / count))
    for (const [z, share] of [
      [0, 0.5],
      [0.3, 0.382088577811047],
      [1, 0.158655253931457],
      [2, 0.0227501319481792],
      [3, 0.00134989803163009],
      [3.7, 0.000107799733477388],
      [4.2, 1.33457490159063e-5],
    ] as const)
      for (const sign of [1, -1]) {
        const found = out.filter((one) => sign * one > z).length / count
        expect(Math.abs(found - share), `${sign} ${z}`).toBeLessThan(4.5 * Math.sqrt((share * (1 - share)) / count))
      }
  })

  it('of neighbouring paths and of successive steps do not move together', () => {
    const paths = 20_000
    const row = new Float64Array(4)
    const sums = { neighbours: 0, steps: 0, streams: 0 }
    let before = new Float64Array(4)
    for (let path = 0; path < paths; path++) {
      fillNormals(pathChance('pairs', path, 0), row, 4)
      sums.neighbours += (row[0] as number) * (before[0] as number)
      sums.steps += (row[0] as number) * (row[1] as number)
      before = row.slice()
      const jump = new Float64Array(1)
      fillNormals(pathChance('pairs', path, 1), jump, 1)
      sums.streams += (row[0] as number) * (jump[0] as number)
    }
    for (const sum of Object.values(sums)) expect(Math.abs(sum / paths)).toBeLessThan(4.5 / Math.sqrt(paths))
  })
})
