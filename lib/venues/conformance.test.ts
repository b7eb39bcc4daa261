/** The conformance suite over every registered venue: descriptions, plans, and decoding of sound, mutilated and senseless frames. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOUR, type Instruments, isLiquidation, MINUTE, type UnixMs } from '../model/index.ts'
import { demoInstruments, demoSession, receivedAt } from '../sim/index.ts'
import { frameOf, instrumentsOf, type Order, SPOKEN } from '../test/venue-voices.ts'
import { decodingFaults, descriptionFaults, planFaults, RECEIVED } from './conformance.ts'
import { venues } from './index.ts'

const GOLDEN = resolve('../shared/reference/golden/venues.json')
const FROM = Date.UTC(2026, 9, 1) as UnixMs

/** Frames by the venue that speaks them: of the demo, of the local venue server's voices, and of the recorded truth where it is there. */
const framesBy = new Map<string, string[]>()
const MOST_FRAMES = 200
const add = (id: string, text: string) => {
  const frames = framesBy.get(id) ?? []
  framesBy.set(id, frames)
  if (frames.length < MOST_FRAMES) frames.push(text)
}
if (existsSync(GOLDEN)) {
  const { vectors } = JSON.parse(readFileSync(GOLDEN, 'utf8')) as { vectors: { venue: string; raw: string }[] }
  for (const { venue, raw } of vectors) add(venue, raw)
}
const orders = [1, 2, 3].map((n): Order => ({ n, coin: 'BTC', side: n % 2 ? 'long' : 'short', time: FROM + n }))
for (const id of SPOKEN) add(id, frameOf(id, orders))
for (const item of demoSession({ seed: 3, from: FROM, crashAfterMs: 5 * MINUTE })) {
  if (receivedAt(item) > FROM + HOUR) break
  if (item.kind === 'frame') add(item.venue, item.text)
}
/** The contracts that the frames of a venue speak of. */
const contractsOf = (id: string): Instruments => {
  const spoken = SPOKEN.includes(id) ? instrumentsOf(id) : []
  return new Map([...spoken.map((each) => [each.symbol, each] as const), ...demoInstruments(id)])
}
const everyFrame = [...framesBy.values()].flat()

const ABSURD = ['-1', '0', '1e999', '1e-300', '"1e308"', '"x"', '"-0"', 'null', '[]', '{}', 'true', '""', '99999999999999999999'] // biome-ignore format: one list

/** A sound frame cut off, with a byte swapped, or with one of its values (a row, a list, a number) made absurd. */
const mutilated = (frames: readonly string[]) =>
  fc
    .tuple(
      fc.constantFrom(...frames),
      fc.nat(),
      fc.constantFrom('cut', 'swap', 'absurd', 'absurd', 'absurd', 'none'),
      fc.constantFrom(...ABSURD),
    )
    .map(([text, at, how, value]) => {
      const place = at % text.length
      if (how === 'cut') return text.slice(0, place)
      if (how === 'swap') return text.slice(0, place) + String.fromCharCode(32 + (at % 90)) + text.slice(place + 1)
      return how === 'none' ? text : withAbsurd(text, at, value)
    })

/** Puts `value` in the place of one node of the frame's tree. */
function withAbsurd(text: string, at: number, value: string): string {
  let nodes = 0
  JSON.parse(text, (_key, node) => {
    nodes++
    return node
  })
  const chosen = at % nodes
  let seen = 0
  const marked = JSON.parse(text, (_key, node) => (seen++ === chosen ? '@here@' : node))
  return JSON.stringify(marked).replace('"@here@"', value)
}

describe.each([...venues.values()].map((venue) => [venue.id, venue] as const))('%s', (id, venue) => {
  const own = framesBy.get(id)
  it('describes itself', () => {
    expect(descriptionFaults(venue)).toEqual([])
    expect(venues.get(id)).toBe(venue)
  })
  it('plans within limits', () => {
    expect(planFaults(venue, contractsOf(id))).toEqual([])
    expect(planFaults(venue, new Map())).toEqual([])
  })
  it('decodes or refuses whatever comes, without throwing', () => {
    const listed = [...contractsOf(id).values()]
    fc.assert(
      fc.property(
        fc.oneof(
          { weight: 7, arbitrary: mutilated(own ?? everyFrame) },
          { weight: 1, arbitrary: mutilated(everyFrame) },
          { weight: 1, arbitrary: fc.string() },
          { weight: 1, arbitrary: fc.json() },
        ),
        fc.constantFrom(listed, []),
        (text, instruments) => {
          expect(decodingFaults(venue, { received: RECEIVED, text }, instruments)).toEqual([])
        },
      ),
      // One seed: what passes once passes always, and a failure is the same for everybody.
      { numRuns: 500, seed: 20_261_010 },
    )
  })
  if (own)
    it('takes its own frames without a refusal', () => {
      const decode = venue.decoder({ instruments: contractsOf(id) })
      const facts = own.flatMap((text) => decode({ received: RECEIVED, text }))
      expect(facts.filter((fact) => fact.type === 'refused')).toEqual([])
      expect(facts.some(isLiquidation)).toBe(true)
    })
})
