import { describe, expect, it } from 'vitest'
import { marketOf, perpProfile, perpProfiles } from '../perp-venues/registry.ts'
import { liquidationPrice } from './liquidation-price.ts'
import { maxLeverageAt, notionalAt } from './margin.ts'
import { type Walk, type WalkStep, walkPosition } from './walk.ts'

function walkOf(id: string, symbol: string, more: Partial<Walk> = {}): Walk {
  const profile = perpProfile(id)
  const market = marketOf(profile, symbol)
  const side = more.position?.side ?? 'long'
  const entryPrice = 60_000
  const position = more.position ?? { side, size: market.payoff === 'linear' ? 1 : 60_000, entryPrice }
  const margin = notionalAt(market, position, entryPrice) / 10
  const base = { profile, market, position, margin, mark: entryPrice, until: side === 'long' ? 30_000 : 90_000 }
  return { ...base, stride: 0, perSecond: 0.001, depth: 1, slippage: 0, fund: 1e6, ...more }
}

const states = (steps: readonly WalkStep[]) => steps.map(({ state }) => state)

describe('a walk', () => {
  it('closes a Hyperliquid position that the book takes: the rest is returned', () => {
    const steps = walkPosition(walkOf('hyperliquid', 'BTC'))
    expect(states(steps)).toEqual(['healthy', 'liquidatable', 'closed', 'surplus-returned'])
    const [, trigger, , end] = steps
    const market = marketOf(perpProfile('hyperliquid'), 'BTC')
    const exact = liquidationPrice(market, { side: 'long', size: 1, entryPrice: 60_000 }, { margin: 6_000 })
      ?.price as number
    expect(trigger?.mark).toBe(Math.floor(exact))
    expect(trigger?.equity).toBeLessThan(trigger?.maintenance as number)
    expect(end?.settlement?.returned).toBeCloseTo(6_000 - (60_000 - Math.floor(exact)) - Math.floor(exact) * 0.00045, 6)
  })

  it('takes a fifth of a large one, all within the cooldown, and the vault takes what the book leaves', () => {
    const position = { side: 'long', size: 20, entryPrice: 60_000 } as const
    const [, , partial, cured] = walkPosition(walkOf('hyperliquid', 'BTC', { position, margin: 120_000 }))
    expect(partial).toMatchObject({ state: 'partial', closed: 4 })
    expect(cured?.state).toBe('cured')
    const steps = walkPosition(walkOf('hyperliquid', 'BTC', { position, margin: 120_000, depth: 0 }))
    expect(states(steps)).toEqual(['healthy', 'liquidatable', 'partial', 'taken-over', 'rest-kept'])
    const taken = steps[3] as WalkStep
    expect(taken.equity).toBeLessThan((2 / 3) * taken.maintenance)
    expect(steps[4]?.settlement?.kept).toBeCloseTo(taken.equity, 6)
  })

  it('goes to the winners when the price jumps over everything', () => {
    const steps = walkPosition(walkOf('hyperliquid', 'BTC', { stride: 0.2, depth: 0 }))
    expect(states(steps)).toEqual(['healthy', 'liquidatable', 'deleverage'])
    expect(steps.at(-1)?.settlement?.uncovered).toBeCloseTo(6_000, 6)
  })

  it('never sells worse than the bankruptcy price where that is the limit: the fund takes over and pays, then the winners', () => {
    const more = { slippage: 0.03, margin: 3_000 }
    const rich = walkPosition(walkOf('okx', 'BTC-USDT-SWAP', more))
    expect(states(rich)).toEqual(['healthy', 'liquidatable', 'partial', 'taken-over', 'insurance-draw'])
    expect(rich[3]).toMatchObject({ takenBy: 'engine', takeoverPrice: 57_000 })
    const poor = walkPosition(walkOf('okx', 'BTC-USDT-SWAP', { ...more, fund: 100 }))
    expect(poor.at(-1)).toMatchObject({ state: 'deleverage', settlement: { fund: 100 } })
    const paid = rich.at(-1)?.settlement?.fund as number
    expect(paid).toBeCloseTo(100 + (poor.at(-1)?.settlement?.uncovered as number), 6)
  })

  it('tells repeated reductions as one and loses nothing in between', () => {
    const steps = walkPosition(
      walkOf('deribit', 'BTC-PERPETUAL', {
        position: { side: 'long', size: 600_000, entryPrice: 60_000 },
        margin: 0.5,
      }),
    )
    expect(steps.length).toBeLessThan(20)
    const closed = steps.reduce((sum, step) => sum + (step.closed ?? 0), 0)
    expect(closed + (steps.at(-1)?.size ?? 0)).toBeCloseTo(600_000, 6)
    expect(steps.some(({ times = 1 }) => times > 1)).toBe(true)
  })

  it('ends under every profile, both ways, whatever the book does, and money is conserved', () => {
    let walked = 0
    for (const profile of perpProfiles) {
      for (const market of profile.markets) {
        for (const side of ['long', 'short'] as const) {
          for (const depth of [0, 0.5, 1]) {
            for (const stride of [0, 0.07]) {
              const entryPrice = 1000
              const size = market.payoff === 'linear' ? 3 * Math.max(1, market.lotSize * market.contractSize) : 30_000
              const position = { side, size, entryPrice }
              const leverage = Math.min(10, maxLeverageAt(market, size, entryPrice))
              const margin = notionalAt(market, position, entryPrice) / leverage
              const until = side === 'long' ? 400 : 2_500
              const steps = walkPosition({
                profile,
                market,
                position,
                margin,
                mark: entryPrice,
                until,
                stride,
                perSecond: 0.001,
                depth,
                slippage: 0.001,
                fund: 1e9,
              })
              expect(steps.length).toBeGreaterThan(2)
              for (const step of steps) {
                expect(Number.isFinite(step.margin + step.equity + step.size)).toBe(true)
                expect(step.size).toBeGreaterThanOrEqual(0)
              }
              walked++
            }
          }
        }
      }
    }
    expect(walked).toBeGreaterThan(300)
  })

  it('refuses what is no walk', () => {
    expect(() => walkPosition(walkOf('okx', 'BTC-USDT-SWAP', { until: 70_000 }))).toThrow(/must be below 60000/)
    expect(() => walkPosition(walkOf('okx', 'BTC-USDT-SWAP', { depth: 2 }))).toThrow(/from 0 to 1/)
    expect(() => walkPosition(walkOf('okx', 'BTC-USDT-SWAP', { mark: Number.NaN }))).toThrow(/first mark/)
  })
})
