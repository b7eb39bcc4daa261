/** The stamp: ids that stay, times that say where they come from, retractions that find their event. */
import { describe, expect, it } from 'vitest'
import type { UnixMs } from '../model/index.ts'
import type { Decoded } from '../venues/index.ts'
import { eventId, stamp } from './stamp.ts'

const time = 1_700_000_000_000 as UnixMs
const received = (time + 250) as UnixMs
const mark: Decoded = { type: 'mark', instrument: 'BTC-USD', coin: 'BTC', price: 1, key: 'k1', time }

describe('the stamp', () => {
  it('gives the same event the same id at every hearing, and another venue another', () => {
    const first = stamp('a', 'live', mark, received)
    expect(stamp('a', 'recorded', mark, (received + 9) as UnixMs).id).toBe(first.id)
    expect(stamp('b', 'live', mark, received).id).not.toBe(first.id)
    expect(first.id).toMatch(/^[0-9a-f]{32}$/)
  })

  it('says when the time is that of receipt', () => {
    expect(stamp('a', 'live', mark, received)).toMatchObject({ time, received })
    expect(stamp('a', 'live', mark, received)).not.toHaveProperty('timeKind')
    expect(stamp('a', 'live', { ...mark, time: undefined }, received)).toMatchObject({
      time: received,
      timeKind: 'received',
    })
  })

  it('turns the key that a decoder retracts into the id of that event, under the same venue', () => {
    const retraction: Decoded = { type: 'retraction', of: 'k1', why: 'reorganisation', key: 'retract|k1', time }
    const stamped = stamp('a', 'live', retraction, received)
    expect(stamped).toMatchObject({
      type: 'retraction',
      of: stamp('a', 'live', mark, received).id,
      why: 'reorganisation',
    })
    expect(stamped.id).toBe(eventId('a', 'retract|k1'))
    expect(stamped).not.toMatchObject({ of: stamp('b', 'live', mark, received).id })
  })
})
