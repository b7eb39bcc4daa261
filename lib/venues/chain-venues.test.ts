/** Every protocol against logs that another library encoded: fields, neighbours, withdrawn logs, broken logs. */
import fc from 'fast-check'
import { toEventSelector } from 'viem'
import { describe, expect, it } from 'vitest'
import { eventId, stamp } from '../feed/stamp.ts'
import type { UnixMs } from '../model/index.ts'
import { CHAIN_CASES, type ChainCase } from '../test/chain-cases.ts'
import { chainLog, eventOf } from '../test/chain-logs.ts'
import { type ChainLog, type Decoded, type LogPlan, type Refused, venue, venues } from './index.ts'

const none = { instruments: new Map() }
const received = 1_760_000_001_000 as UnixMs
const ids = [...new Set(CHAIN_CASES.map((each) => each.venue))]
const counted = CHAIN_CASES.filter((each) => each.fact !== undefined && each.fact.type !== 'refused')
const decode = (id: string, log: ChainLog | string) =>
  venue(id).decoder(none)({ received, text: typeof log === 'string' ? log : JSON.stringify(log) })
const plansOf = (id: string) => venue(id).plan({ channels: ['liquidations'], instruments: new Map() }) as LogPlan[]
const title = ({ venue: id, signature }: ChainCase) => `${id}: ${signature.slice(6, signature.indexOf('('))}`

describe('logs as contracts write them', () => {
  it.each(CHAIN_CASES.map((each) => [title(each), each] as const))('%s', (_, each) => {
    const log = chainLog(each)
    const facts = decode(each.venue, log)
    if (each.fact === undefined) return expect(facts).toEqual([])
    expect(facts).toHaveLength(1)
    expect(facts[0]).toMatchObject(each.fact)
    if (each.fact.type === 'refused') return
    const { chain, address, blockHash, transactionHash: tx, logIndex, blockNumber: block } = log
    expect(facts[0]).toMatchObject({
      key: `${chain}:${blockHash}:${tx}:${logIndex}`,
      time: log.timestamp * 1000,
      place: { chain, block, blockHash, tx, logIndex, address },
    })
  })

  it('listens to exactly the topics of the events that give facts, where they are logged', () => {
    for (const id of ids) {
      const cases = counted.filter((each) => each.venue === id)
      const topics = new Set(cases.map((each) => toEventSelector(eventOf(each.signature))))
      for (const plan of plansOf(id)) expect([id, [...plan.topics].sort()]).toEqual([id, [...topics].sort()])
      for (const each of cases) expect(plansOf(id).map(({ chain }) => chain)).toContain(each.chain ?? 'ethereum')
      expect(venue(id).plan({ channels: ['trades', 'mark'], instruments: new Map() })).toEqual([])
    }
  })

  it('gives each log to one venue only, though topics are shared', () => {
    const chains = [...venues.values()].filter((each) => ids.includes(each.id))
    for (const each of counted) {
      const takers = chains.filter(({ id }) => decode(id, chainLog(each)).some((fact) => fact.type !== 'refused'))
      expect([title(each), takers.map(({ id }) => id)]).toEqual([title(each), [each.venue]])
    }
  })

  it('takes no fork of Compound for Compound or Venus', () => {
    const fork = CHAIN_CASES.find((each) => each.venue === 'compound-v2') as ChainCase
    const log = { ...chainLog(fork), address: `0x${'77'.repeat(20)}` }
    expect(decode('compound-v2', log)).toEqual([])
    expect(decode('venus', { ...log, chain: 'bnb' })).toEqual([])
  })
})

describe('a log that a reorganisation withdraws', () => {
  it.each(counted.map((each) => [title(each), each] as const))('%s: is retracted by the id it had', (_, each) => {
    const log = chainLog(each)
    const [fact] = decode(each.venue, log) as Decoded[]
    const [withdrawn] = decode(each.venue, { ...log, removed: true }) as Decoded[]
    const event = stamp(each.venue, 'live', fact as Decoded, received)
    const retraction = stamp(each.venue, 'live', withdrawn as Decoded, received)
    expect(retraction).toMatchObject({ type: 'retraction', of: event.id, why: 'reorganisation' })
    expect(retraction.id).not.toBe(event.id)
    const again = decode(each.venue, { ...log, blockHash: `0x${'ab'.repeat(32)}` }) as Decoded[]
    expect(eventId(each.venue, (again[0] as Decoded).key)).not.toBe(event.id)
  })

  it('says nothing of a log that had given nothing', () => {
    for (const each of CHAIN_CASES.filter(({ fact }) => fact === undefined))
      expect(decode(each.venue, { ...chainLog(each), removed: true })).toEqual([])
  })
})

/** A fact may hold amounts that nobody has, but no number that is none, and no leg without its asset. */
function sound(fact: Decoded | Refused): boolean {
  if (fact.type === 'refused') return fact.reason.length > 0
  return Object.values(fact).every((value) => {
    if (typeof value === 'number') return Number.isFinite(value) && value >= 0
    return typeof value !== 'object' || !('asset' in value) || typeof value.asset === 'string'
  })
}

describe('a broken log', () => {
  it('cut short is refused or nothing to the venue, and never half a fact', () => {
    for (const each of counted) {
      const log = chainLog(each)
      for (const keep of [2, 3, 40, 66, log.data.length - 64, log.data.length - 63]) {
        if (keep >= log.data.length) continue
        const facts = decode(each.venue, { ...log, data: log.data.slice(0, keep) })
        // What GMX v2 logs after the lists that are read may be missing; every other field is needed.
        if (each.venue !== 'gmx-v2')
          expect([title(each), keep, facts.map(({ type }) => type)]).toEqual([title(each), keep, ['refused']])
        expect(facts.every(sound)).toBe(true)
      }
      for (let topics = 1; topics < log.topics.length; topics++)
        expect(
          decode(each.venue, { ...log, topics: log.topics.slice(0, topics) }).every((fact) => fact.type === 'refused'),
        ).toBe(true)
    }
  })

  it('with any digits changed gives refusals or sound facts', () => {
    const change = fc.record({
      which: fc.nat(),
      at: fc.nat(),
      digits: fc.stringMatching(/^[0-9a-f]{1,64}$/),
      topic: fc.nat(4),
    })
    fc.assert(
      fc.property(change, ({ which, at, digits, topic }) => {
        const each = CHAIN_CASES[which % CHAIN_CASES.length] as ChainCase
        const log = chainLog(each)
        const spoil = (hex: string) => {
          const start = 2 + (at % (hex.length - 1))
          return `${hex.slice(0, start)}${digits}${hex.slice(start + digits.length)}`
        }
        const spoilt = { ...log, data: spoil(log.data) }
        const topics = log.topics.map((text, i) => (i === topic && i > 0 ? spoil(text).slice(0, 66) : text))
        return [...decode(each.venue, spoilt), ...decode(each.venue, { ...log, topics })].every(sound)
      }),
      { numRuns: 2000 },
    )
  })

  it('of any JSON at all is refused', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(...ids), (text, id) =>
        decode(id, text).every((fact) => fact.type === 'refused'),
      ),
    )
    for (const id of ids) for (const text of ['', '{', 'null', '[]']) expect(decode(id, text)[0]?.type).toBe('refused')
  })
})
