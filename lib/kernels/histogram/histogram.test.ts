import { describe, expect, it } from 'vitest'
import { type Prng, prng } from '../../model/index.ts'
import { fastestPriceHistogram, wasmPriceHistogram } from '../wasm/histogram.ts'
import { type BinRange, binOf, type PriceBins, priceBins } from './bins.ts'
import { type PriceHistogram, priceHistogram } from './histogram.ts'
import { type PricedAmount, plainHistogram } from './plain.ts'
import { amountBelow, amountFrom, amountUpTo, binTotals, priceIndex, rankOf } from './price-index.ts'

function randomRange(chance: Prng): BinRange {
  const lowest = 10 ** (6 * chance.next() - 3)
  return {
    lowest,
    highest: lowest * (1 + 10 ** (4 * chance.next() - 3)),
    count: 1 + chance.int(80),
    scale: chance.pick(['linear', 'log']),
  }
}

/** A price within, at an edge, one bit beside one, or outside. */
function randomPrice(chance: Prng, edges: Float64Array): number {
  const edge = edges[chance.int(edges.length)] as number
  return chance.pick([
    edge,
    edge * (1 + 2 ** -52),
    edge * (1 - 2 ** -53),
    edge * (0.5 + chance.next()),
    (edges[0] as number) + chance.next() * ((edges[edges.length - 1] as number) - (edges[0] as number)),
  ])
}

const positionsOf = (chance: Prng, edges: Float64Array, count: number): PricedAmount[] =>
  Array.from({ length: count }, () => ({ price: randomPrice(chance, edges), amount: chance.int(1_000_000) }))

describe('histograms of prices', () => {
  const makers: [string, (capacity: number, bins: PriceBins) => PriceHistogram][] = [
    ['TypeScript', priceHistogram],
    ['WebAssembly', (capacity, bins) => wasmPriceHistogram(capacity, bins) as PriceHistogram],
    ['the fastest', fastestPriceHistogram],
  ]
  it.each(
    makers,
  )('in %s agree with the plain twin exactly: counted anew, kept up to date, rebinned, and from the index', (_, make) => {
    const chance = prng('histograms')
    let inside = 0
    for (let round = 0; round < 150; round++) {
      const bins = priceBins(randomRange(chance))
      const held: (PricedAmount | undefined)[] = positionsOf(chance, bins.edges, 1 + chance.int(60))
      const histogram = make(held.length, bins)
      held.forEach((one, id) => {
        if (one) histogram.set(id, one.price, one.amount)
      })
      for (let change = 0; change < 30; change++) {
        const id = chance.int(held.length)
        const next = chance.next() < 0.3 ? undefined : positionsOf(chance, bins.edges, 1)[0]
        held[id] = next
        if (next) histogram.set(id, next.price, next.amount)
        else histogram.remove(id)
      }
      const left = held.filter((one) => one !== undefined)
      const expected = plainHistogram(left, [...bins.edges])
      expect([...histogram.totals]).toEqual(expected)
      histogram.totals.fill(-1)
      histogram.count()
      expect([...histogram.totals]).toEqual(expected)
      const index = priceIndex(
        left.map(({ price }) => price),
        left.map(({ amount }) => amount),
      )
      expect([...binTotals(index, bins)]).toEqual(expected)
      const other = priceBins({
        ...randomRange(chance),
        lowest: bins.edges[0] as number,
        highest: (bins.edges[0] as number) * 1.5,
      })
      histogram.rebin(other)
      expect([...histogram.totals]).toEqual(plainHistogram(left, [...other.edges]))
      inside += expected.slice(0, -1).filter((one) => one > 0).length
    }
    expect(inside).toBeGreaterThan(500)
  })

  it('put every price into the bin between whose edges it lies, of very fine and very wide bins too', () => {
    const chance = prng('bins')
    for (const range of [
      { lowest: 1e-6, highest: 1e9, count: 60_000, scale: 'log' },
      { lowest: 1e-6, highest: 1e9, count: 3, scale: 'linear' },
      { lowest: 60_000, highest: 60_000.5, count: 5000, scale: 'linear' },
    ] as const) {
      const bins = priceBins(range)
      for (let draw = 0; draw < 8_000; draw++) {
        const price = randomPrice(chance, bins.edges)
        const bin = binOf(bins, price)
        if (bin === bins.count)
          expect(price < (bins.edges[0] as number) || price >= (bins.edges[bins.count] as number)).toBe(true)
        else expect(price >= (bins.edges[bin] as number) && price < (bins.edges[bin + 1] as number)).toBe(true)
      }
    }
  })

  it('refuse ranges that hold no prices or cannot be told apart', () => {
    const range = { lowest: 1, highest: 2, count: 10, scale: 'linear' } as const
    expect(() => priceBins({ ...range, lowest: 0 })).toThrow(/no prices/)
    expect(() => priceBins({ ...range, highest: 1 })).toThrow(/no prices/)
    expect(() => priceBins({ ...range, count: 70_000 })).toThrow(/between 1 and/)
    expect(() => priceBins({ ...range, highest: 1 + 2 ** -50 })).toThrow(/finer/)
    expect(() => priceIndex([1, 0], [1, 1])).toThrow(/position 1/)
  })
})

describe('the index of prices', () => {
  it('says what a plain comparison says, at prices that are there and beside them', () => {
    const chance = prng('ranks')
    for (let round = 0; round < 200; round++) {
      const edges = priceBins(randomRange(chance)).edges
      const positions = positionsOf(chance, edges, chance.int(80))
      const index = priceIndex(
        positions.map(({ price }) => price),
        positions.map(({ amount }) => amount),
      )
      const sum = (holds: (price: number) => boolean) =>
        positions.reduce((total, { price, amount }) => (holds(price) ? total + amount : total), 0)
      for (const price of [
        ...positions.slice(0, 20).map((one) => one.price),
        randomPrice(chance, edges),
        1e-300,
        1e300,
      ]) {
        expect(rankOf(index, price)).toBe(positions.filter((one) => one.price < price).length)
        expect(amountBelow(index, price)).toBe(sum((one) => one < price))
        expect(amountFrom(index, price)).toBe(sum((one) => one >= price))
        expect(amountUpTo(index, price)).toBe(sum((one) => one <= price))
      }
    }
  })
})
