/** The conformance suite over every registered venue: descriptions, plans, and decoding of sound, mutilated and senseless frames. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE, type UnixMs } from '../model/index.ts'
import { demoInstruments, demoSession, receivedAt } from '../sim/index.ts'
import { decodingFaults, descriptionFaults, planFaults, RECEIVED } from './conformance.ts'
import { venues } from './index.ts'

const GOLDEN = resolve('../shared/reference/golden/venues.json')
const FROM = Date.UTC(2026, 9, 1) as UnixMs

/** Frames of every venue that the demo speaks for, and of the recorded truth where it is there: material to mutilate. */
const frames: string[] = []
for (const item of demoSession({ seed: 3, from: FROM, crashAfterMs: 5 * MINUTE })) {
  if (receivedAt(item) > FROM + HOUR || frames.length > 3_000) break
  if (item.kind === 'frame') frames.push(item.text)
}
if (existsSync(GOLDEN))
  frames.push(
    ...(JSON.parse(readFileSync(GOLDEN, 'utf8')) as { vectors: { raw: string }[] }).vectors.map(({ raw }) => raw),
  )

/** A sound frame, cut off, with bytes swapped, or with a number made absurd. */
const mutilated = fc
  .tuple(
    fc.constantFrom(...frames),
    fc.nat(),
    fc.constantFrom('cut', 'swap', 'absurd', 'none'),
    fc.constantFrom('-1', '0', '1e999', '"x"', 'null', '[]', '99999999999999999999', '""'),
  )
  .map(([text, at, how, value]) => {
    const place = at % text.length
    if (how === 'cut') return text.slice(0, place)
    if (how === 'swap') return text.slice(0, place) + String.fromCharCode(32 + (at % 90)) + text.slice(place + 1)
    if (how === 'none') return text
    const rest = text.slice(place)
    return text.slice(0, place) + rest.replace(/:("[^"]*"|[\d.]+)/, `:${value}`)
  })

describe.each([...venues.values()].map((venue) => [venue.id, venue] as const))('%s', (id, venue) => {
  it('describes itself', () => {
    expect(descriptionFaults(venue)).toEqual([])
    expect(venues.get(id)).toBe(venue)
  })
  it('plans within limits', () => {
    expect(planFaults(venue, demoInstruments(id))).toEqual([])
    expect(planFaults(venue, new Map())).toEqual([])
  })
  it('decodes or refuses whatever comes, without throwing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          { weight: 6, arbitrary: mutilated },
          { weight: 1, arbitrary: fc.string() },
          { weight: 1, arbitrary: fc.json() },
        ),
        (text) => {
          expect(decodingFaults(venue, { received: RECEIVED, text }, [...demoInstruments(id).values()])).toEqual([])
        },
      ),
      { numRuns: 300 },
    )
  })
})
