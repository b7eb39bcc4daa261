/** The demo's frames are what the decoders expect: nothing refused, and what goes in as dollars and sides comes out. */
import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE, type UnixMs } from '../model/index.ts'
import { DEMO_VENUES, type DemoItem, demoInstruments, demoSession, receivedAt } from '../sim/index.ts'
import { type Decoded, venue, venues } from '../venues/index.ts'

const from = Date.UTC(2026, 9, 1) as UnixMs

function session(): DemoItem[] {
  const items: DemoItem[] = []
  for (const item of demoSession({ seed: 7, from, crashAfterMs: 10 * MINUTE })) {
    if (receivedAt(item) > from + HOUR) return items
    items.push(item)
  }
  return items
}

const items = session()

describe.each(DEMO_VENUES.filter((id) => venues.has(id)))('the demo of %s', (id) => {
  const decode = venue(id).decoder({ instruments: demoInstruments(id) })
  const facts = items.flatMap((item) => (item.kind === 'frame' && item.venue === id ? decode(item) : []))
  it('is decoded without a refusal', () => {
    expect(facts.filter((fact) => fact.type === 'refused').slice(0, 3)).toEqual([])
    expect(facts.length).toBeGreaterThan(20)
  })
  it('has a key of its own for every event', () => {
    const keys = facts.map((fact) => (fact as Decoded).key)
    expect(new Set(keys).size).toBe(keys.length)
  })
  it('keeps dollars, and mostly longs in the crash', () => {
    const closed = facts.filter((fact) => fact.type === 'perp-liquidation')
    if (id === 'aave-v3')
      return expect(facts.every((fact) => fact.type === 'loan-liquidation' && fact.usd !== undefined)).toBe(true)
    for (const fact of closed)
      expect(Math.abs((fact.usd ?? 0) / ((fact.size ?? 0) * fact.price) - 1)).toBeLessThan(1e-6)
    const longs = closed.filter((fact) => fact.side === 'long').length
    if (id === 'gate') expect(closed.every((fact) => fact.side === undefined)).toBe(true)
    else expect(longs / closed.length).toBeGreaterThan(0.8)
  })
})
