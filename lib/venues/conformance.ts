/** What every venue promises, as one list of checks: run it over the registry, and over a new venue before it joins. */
import { type Instrument, type Instruments, isLiquidation, LATEST, type UnixMs, unixMs } from '../model/index.ts'
import type { Channel, Connection, Decoded, Raw, Refused, Venue } from './venue.ts'

const CHANNELS: readonly Channel[] = ['liquidations', 'trades', 'open-interest', 'funding', 'mark']
const DAY_TEXT = /^\d{4}-\d\d-\d\d$/
/** No venue takes a longer request. */
const MOST_CHARACTERS = 64 * 1024

/** Every promise a venue's description breaks, in words; empty when it keeps all. */
export function descriptionFaults(venue: Venue): string[] {
  const faults: string[] = []
  const say = (fault: string) => faults.push(`${venue.id}: ${fault}`)
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(venue.id)) say('the id is not kebab-case')
  if (!/^https:\/\//.test(venue.page)) say('no page')
  if (!venue.coverage.some((fact) => fact.channel === 'liquidations')) say('no policy for liquidations')
  for (const channel of CHANNELS) {
    const facts = venue.coverage.filter((fact) => fact.channel === channel)
    facts.forEach((fact, index) => {
      if (!/^https:\/\//.test(fact.page)) say(`a policy of ${channel} without a page`)
      if (fact.since !== undefined && !DAY_TEXT.test(fact.since)) say(`since ${fact.since} is no day`)
      const before = facts[index - 1]
      if (before && !((before.since ?? '') < (fact.since ?? '')))
        say(`policies of ${channel} are not in order of their dates`)
      if (fact.policy.kind === 'sampled' && !(fact.policy.perMs > 0)) say('a throttle without an interval')
    })
  }
  if (venue.ended !== undefined && !DAY_TEXT.test(venue.ended)) say(`ended ${venue.ended} is no day`)
  return faults
}

/** Every promise a venue's plans break, for the instruments given. */
export function planFaults(venue: Venue, instruments: Instruments): string[] {
  const plans = venue.plan({ channels: CHANNELS, instruments })
  const again = venue.plan({ channels: CHANNELS, instruments })
  const faults = plans.flatMap((plan) => connectionFaults(plan)).map((fault) => `${venue.id}: ${fault}`)
  if (JSON.stringify(plans) !== JSON.stringify(again)) faults.push(`${venue.id}: the same want gives another plan`)
  const names = plans.map((plan) => plan.name)
  if (new Set(names).size !== names.length) faults.push(`${venue.id}: two connections have one name`)
  if (venue.plan({ channels: [], instruments }).length > 0)
    faults.push(`${venue.id}: it plans for channels that nobody wants`)
  return faults
}

function connectionFaults(plan: Connection): string[] {
  const faults: string[] = []
  if (plan.channels.length === 0) faults.push(`${plan.name}: no channel`)
  if (plan.kind === 'logs') {
    if (plan.topics.some((topic) => !/^0x[0-9a-f]{64}$/.test(topic))) faults.push(`${plan.name}: a topic that is none`)
    if (plan.addresses?.some((address) => !/^0x[0-9a-f]{40}$/.test(address)))
      faults.push(`${plan.name}: an address that is none, or not in lower case`)
    return faults
  }
  if (!URL.canParse(plan.url)) faults.push(`${plan.name}: ${plan.url} is no address`)
  if (plan.kind === 'poll' && plan.everyMs < 1_000) faults.push(`${plan.name}: asked more than once a second`)
  if (plan.kind === 'socket') {
    if (!/^wss:/.test(plan.url)) faults.push(`${plan.name}: not wss`)
    if (plan.subscribe.some((text) => text.length > MOST_CHARACTERS))
      faults.push(`${plan.name}: a request of more than ${MOST_CHARACTERS} characters`)
    if (plan.ping && plan.ping.everyMs >= plan.deadAfterMs)
      faults.push(`${plan.name}: it would be called dead before it is pinged`)
  }
  return faults
}

/** Every promise a venue's decoder breaks on a frame, whatever the frame is. */
export function decodingFaults(venue: Venue, frame: Raw, list: readonly Instrument[] = []): string[] {
  const instruments: Instruments = new Map(list.map((instrument) => [instrument.symbol, instrument]))
  let facts: readonly (Decoded | Refused)[]
  try {
    facts = venue.decoder({ instruments })(frame)
  } catch (error) {
    return [`${venue.id}: it threw ${String(error)} at ${frame.text.slice(0, 200)}`]
  }
  const faults: string[] = []
  const again = venue.decoder({ instruments })(frame)
  if (textOf(facts) !== textOf(again)) faults.push('the same frame gives other facts')
  const keys = facts.flatMap((fact) => (fact.type === 'refused' ? [] : [fact.key]))
  if (new Set(keys).size !== keys.length) faults.push('two facts of a frame have one key')
  for (const fact of facts) faults.push(...factFaults(fact))
  return faults.map((fault) => `${venue.id}: ${fault} at ${frame.text.slice(0, 200)}`)
}

function factFaults(fact: Decoded | Refused): string[] {
  if (fact.type === 'refused') return fact.reason === '' ? ['a refusal without a reason'] : []
  const faults: string[] = []
  if (fact.time !== undefined && unixMs(fact.time) === undefined) faults.push(`time ${fact.time} is none`)
  if (fact.type === 'perp-liquidation') {
    if (!(fact.price > 0 && Number.isFinite(fact.price))) faults.push(`price ${fact.price}`)
    for (const value of [fact.size, fact.usd])
      if (value !== undefined && !(value > 0 && Number.isFinite(value))) faults.push(`size or value ${value}`)
    if (fact.side !== undefined && fact.side !== 'long' && fact.side !== 'short')
      faults.push(`side ${String(fact.side)}`)
    if (fact.coin === '' || fact.instrument === '') faults.push('no coin or no instrument')
  }
  if (isLiquidation(fact) && fact.usd !== undefined && !(fact.usd >= 0 && Number.isFinite(fact.usd)))
    faults.push(`value ${fact.usd}`)
  if (isLiquidation(fact) && fact.usd !== undefined && fact.usdBasis === undefined)
    faults.push('dollars without a basis')
  return faults
}

function textOf(facts: readonly (Decoded | Refused)[]): string {
  return JSON.stringify(facts, (_key, value) => (typeof value === 'bigint' ? `${value}n` : value))
}

/** A moment at which frames of tests are received. */
export const RECEIVED = (LATEST - 1) as UnixMs
