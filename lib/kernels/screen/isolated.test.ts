import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prng } from '../../model/index.ts'
import { type IsolatedScreen, isolatedScreen } from './isolated.ts'
import { type SlackLine, slackLine, triggerOf } from './line.ts'
import { isTriggered, plainScan } from './plain.ts'

/** Brackets in ten-thousandths and whole units: 0.4 %, 0.65 % from 50,000, 1 % from 600,000, 50 % from 3,000,000. */
const BRACKETS = [
  [40n, 0n],
  [65n, 125n],
  [100n, 2225n],
  [5000n, 1_472_225n],
] as const
const inNumbers = BRACKETS.map(([rate, deduction]) => ({ rate: Number(rate) / 10_000, deduction: Number(deduction) }))

type Whole = { size: number; entry: number; margin: number }

/** The exact rule in whole numbers: 10,000 × (equity − maintenance) < 0, both payoffs multiplied out by the prices. */
function exactlyBelow({ size, entry, margin }: Whole, mark: number, payoff: 'linear' | 'inverse'): boolean {
  const [q, e, w, m] = [BigInt(size), BigInt(entry), BigInt(margin), BigInt(mark)]
  const held = q < 0n ? -q : q
  return BRACKETS.some(([rate, deduction]) =>
    payoff === 'linear'
      ? 10_000n * (w + q * (m - e) + deduction) - held * m * rate < 0n
      : 10_000n * (w * e * m + q * (m - e) + deduction * e * m) - held * e * rate < 0n,
  )
}

/** The mark at which the exact rule turns, found by halving: the position is right on the boundary there. */
function turningMark(position: Whole, payoff: 'linear' | 'inverse'): number {
  const at = (mark: number) => exactlyBelow(position, mark, payoff)
  let [low, high] = [1, 2 ** 40]
  const atLow = at(low)
  if (atLow === at(high)) return position.entry
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (at(middle) === atLow) low = middle
    else high = middle
  }
  return high
}

const whole = fc.record({
  size: fc.integer({ min: -1_000_000, max: 1_000_000 }).filter((size) => size !== 0),
  entry: fc.integer({ min: 1, max: 1_000_000 }),
  margin: fc.integer({ min: -1_000, max: 10_000_000 }),
})
const payoffs = ['linear', 'inverse'] as const

describe('the line of an isolated position', () => {
  it('misses none by the exact rule, on the boundary and around it, in every bracket', () => {
    fc.assert(
      fc.property(whole, fc.constantFrom(...payoffs), fc.integer({ min: -2, max: 2 }), (position, payoff, near) => {
        const line = slackLine(position, inNumbers, payoff)
        const trigger = triggerOf(line, payoff)
        for (const mark of [Math.max(1, turningMark(position, payoff) + near), position.entry]) {
          if (!exactlyBelow(position, mark, payoff)) continue
          expect(line.base + (payoff === 'linear' ? mark : 1 / mark) * line.slope).toBeLessThan(0)
          expect(isTriggered(trigger, mark)).toBe(true)
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('names few that the exact rule does not: none a millionth away from the boundary', () => {
    let healthy = 0
    fc.assert(
      fc.property(
        whole,
        fc.constantFrom(...payoffs),
        fc.constantFrom(0.999999, 1.000001),
        (position, payoff, factor) => {
          const mark = turningMark({ ...position, margin: Math.abs(position.margin) }, payoff)
          const aside = Math.round(mark * factor)
          const held = { ...position, margin: Math.abs(position.margin) }
          fc.pre(aside !== mark && aside !== mark - 1 && aside > 0 && !exactlyBelow(held, aside, payoff))
          const line = slackLine(held, inNumbers, payoff)
          healthy++
          expect(line.base + (payoff === 'linear' ? aside : 1 / aside) * line.slope).toBeGreaterThanOrEqual(0)
        },
      ),
    )
    expect(healthy).toBeGreaterThan(20)
  })
})

/** Adds, replaces and removes at random, moves the price up and down, and compares every scan with the twin. */
function agreesWithTwin(screen: IsolatedScreen, seed: string): number {
  const chance = prng(seed)
  const lines: (SlackLine | undefined)[] = new Array(screen.capacity).fill(undefined)
  let found = 0
  let mark = 30_000
  for (let step = 0; step < 300; step++) {
    for (let change = 0; change < 20; change++) {
      const id = chance.int(screen.capacity)
      if (chance.next() < 0.2) {
        screen.remove(id)
        lines[id] = undefined
        continue
      }
      const size = (chance.next() - 0.5) * 10
      const entry = mark * (0.9 + 0.2 * chance.next())
      // A third of them exactly on the boundary at the present mark.
      const leverage = 1 + chance.int(125)
      let line = slackLine({ size, entry, margin: (Math.abs(size) * entry) / leverage }, inNumbers)
      if (chance.next() < 0.33) line = { base: -mark * line.slope, slope: line.slope }
      screen.set(id, line)
      lines[id] = line
    }
    mark *= 1 + 0.02 * chance.normal()
    const count = screen.scan(mark)
    expect([...screen.hits.subarray(0, count)]).toEqual(plainScan(lines, mark))
    found += count
  }
  return found
}

describe('the scan of isolated positions', () => {
  it.each([1, 2, 3, 15, 16, 17, 33, 250])('agrees with the plain twin exactly, with %i places', (capacity) => {
    expect(agreesWithTwin(isolatedScreen(capacity), `isolated ${capacity}`)).toBeGreaterThan(0)
  })

  it('refuses a number outside, a line or a price that is none', () => {
    const screen = isolatedScreen(4)
    expect(() => screen.set(4, { base: 1, slope: 1 })).toThrow()
    expect(() => screen.set(0, { base: Number.NaN, slope: 1 })).toThrow()
    expect(() => screen.scan(0)).toThrow()
    expect(() => screen.scan(Number.NaN)).toThrow()
  })
})
