/** The demo repeats itself, keeps its own throttles, and is quiet during its own outages. */
import { describe, expect, it } from 'vitest'
import { HOUR, type UnixMs } from '../../model/index.ts'
import { DEMO_VENUES, type DemoItem, demoInstruments, demoSession, receivedAt } from './session.ts'

const from = Date.UTC(2026, 0, 1) as UnixMs

function take(seed: number, hours: number, crashAfterMs?: number): DemoItem[] {
  const items: DemoItem[] = []
  for (const item of demoSession({ seed, from, crashAfterMs })) {
    if (receivedAt(item) > from + hours * HOUR) return items
    items.push(item)
  }
  return items
}

describe('the demo session', () => {
  const items = take(7, 3, HOUR)
  it('is the same for the same seed and another for another', () => {
    expect(take(7, 0.5, HOUR)).toEqual(items.slice(0, take(7, 0.5, HOUR).length))
    expect(take(8, 0.5, HOUR)).not.toEqual(take(7, 0.5, HOUR))
  })
  it('comes in order of receipt', () => {
    const times = items.map(receivedAt)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })
  it('lets every venue speak', () => {
    const heard = new Set(items.map((item) => item.venue))
    expect([...heard].sort()).toEqual([...DEMO_VENUES].sort())
  })
  it('crashes: the worst hour has many times the frames of the hour before', () => {
    const frames = (hour: number) =>
      items.filter((item) => item.kind === 'frame' && Math.floor((item.received - from) / HOUR) === hour).length
    expect(frames(1)).toBeGreaterThan(5 * frames(0))
  })
  it('publishes at most one Binance order per symbol per second', () => {
    const seen = new Set<string>()
    for (const item of items) {
      if (item.venue !== 'binance-um' || item.connection !== 'liquidations-1' || item.kind !== 'frame') continue
      const { o } = JSON.parse(item.text)
      const second = `${o.s} ${Math.floor(o.T / 1000)}`
      expect(seen.has(second), second).toBe(false)
      seen.add(second)
    }
    expect(seen.size).toBeGreaterThan(100)
  })
  it('is silent during an outage', () => {
    const gaps = items.filter((item) => item.kind === 'gap')
    expect(gaps.length).toBeGreaterThan(1)
    for (const gap of gaps) {
      const inside = items.filter(
        (item) =>
          item.kind === 'frame' &&
          item.venue === gap.venue &&
          item.received > gap.from + 3_000 &&
          item.received < gap.to,
      )
      expect(inside, `${gap.venue} ${gap.from}`).toEqual([])
    }
  })
  it('lists the contracts its frames count in', () => {
    expect(demoInstruments('okx').get('BTC-USDT-SWAP')?.contractSize).toBe(0.01)
    expect(demoInstruments('deribit').get('BTC-PERPETUAL')?.payoff).toBe('inverse')
    expect(demoInstruments('aave-v3').size).toBe(0)
  })
})
