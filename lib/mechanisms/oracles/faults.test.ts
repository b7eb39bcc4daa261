import { describe, expect, it } from 'vitest'
import { canonical, isBreakwaterError, type UnixSeconds } from '../../model/index.ts'
import {
  CAPO_MIN_SNAPSHOT_DELAY,
  type CapoParameters,
  capo,
  capoGrowthScaledDown,
  capoIsCapped,
  capoMaxRatioDown,
  setCapoParameters,
} from './capo.ts'
import { CAPO_WSTETH_2026_03_10, capIncidentLoss } from './capo-incident.ts'
import { type OracleFault, parseFaults, withFaults } from './faults.ts'
import { pushFeed } from './push-feed.ts'

const at = (seconds: number) => seconds as UnixSeconds
const DAY = 86_400
const E18 = 10n ** 18n
const live = pushFeed({ deviationBps: 0, heartbeat: 1 })

/** The answer and age at `time` of a live feed whose truth is 1000 + its time, seen every 10 seconds, under one fault from 100 to 200. */
function seen(fault: Record<string, unknown>, time: number) {
  const faulted = withFaults(live, parseFaults([{ start: 100, duration: 100, ...fault }]), 'ETH/USD')
  let state = faulted.start(1_000n, at(0))
  for (let now = 10; now <= time; now += 10) state = faulted.step(state, 1_000n + BigInt(now), at(now))
  const reading = faulted.read(state, at(time))
  return reading && [Number(reading.answer), reading.age]
}

describe('faults', () => {
  it('each does what its name says, from its start up to its end', () => {
    expect(seen({ kind: 'stale' }, 150)).toEqual([1_090, 60])
    expect(seen({ kind: 'stuck', least: '1130' }, 110)).toEqual([1_130, 0])
    expect(seen({ kind: 'stuck', most: '1130' }, 159)).toEqual([1_130, 0])
    expect(seen({ kind: 'spike', factor: 1.3 }, 100)).toEqual([1_430, 0])
    expect(seen({ kind: 'wrong-unit', shift: -2 }, 100)).toEqual([11, 0])
    expect(seen({ kind: 'wrong-unit', shift: 10 }, 100)).toEqual([11_000_000_000_000, 0])
    expect(seen({ kind: 'wrong-unit', shift: -12 }, 100)).toBeUndefined()
    expect(seen({ kind: 'capped', gap: 0.0285 }, 100)).toEqual([Math.floor(1_100 * (1 - 0.0285)), 0])
    expect(seen({ kind: 'delayed', by: 60 }, 150)).toEqual([1_090, 60])
    expect(seen({ kind: 'delayed', by: 9_999 }, 150)).toEqual([1_000, 150])
    expect(seen({ kind: 'down' }, 199)).toBeUndefined()
    expect(seen({ kind: 'tvl-manipulated', tvl: 1_000, deposit: 500 }, 100)).toEqual([1_650, 0])
    const kinds = ['stale', 'down'].map((kind) => ({ kind }))
    for (const fault of [...kinds, { kind: 'spike', factor: 2 }, { kind: 'delayed', by: 60 }])
      for (const time of [90, 200]) expect(seen(fault, time)).toEqual([1_000 + time, 0])
  })
  it('of another feed do nothing, several act in order, and the oracle beneath goes on', () => {
    expect(seen({ kind: 'down', feed: 'BTC/USD' }, 150)).toEqual([1_150, 0])
    expect(seen({ kind: 'down', feed: 'ETH/USD' }, 150)).toBeUndefined()
    const faults = parseFaults([
      { kind: 'spike', factor: 3, start: 0, duration: 99 },
      { kind: 'stuck', most: '2500', start: 0, duration: 99 },
    ])
    const faulted = withFaults(live, faults)
    const state = faulted.step(faulted.start(1_000n, at(0)), 1_100n, at(10))
    expect(faulted.read(state, at(10))?.answer).toBe(2_500n)
    expect(live.read(state.inner, at(10))?.answer).toBe(1_100n)
  })
  it('remember no more of the past than the longest delay needs', () => {
    const faulted = withFaults(live, parseFaults([{ kind: 'delayed', by: 35, start: 0, duration: 1e6 }]))
    let state = faulted.start(1n, at(0))
    for (let now = 10; now < 3_000; now += 10) state = faulted.step(state, BigInt(now), at(now))
    expect(state.past.length).toBeLessThan(7)
    expect(faulted.read(state, at(3_000))?.answer).toBe(2_960n)
  })
  it('are refused all at once, every place by name', () => {
    const list = [
      { kind: 'spike', start: 0, duration: 1 },
      { kind: 'flood', start: 0, duration: 1 },
      { kind: 'capped', gap: 1, start: -1, duration: 0 },
      { kind: 'stuck', start: 0, duration: 1 },
      { kind: 'stuck', least: '9', most: '8.5', start: 0, duration: 1 },
      { kind: 'tvl-manipulated', tvl: 10, deposit: -10, start: 0, duration: 1 },
      { kind: 'down', start: Number.NaN, duration: 1, gap: 1, feed: 7 },
      'nonsense',
    ]
    try {
      parseFaults(list)
      expect.unreachable()
    } catch (error) {
      expect(isBreakwaterError(error) && error.code).toBe('bad-scenario')
      const said = (error as Error).message
      for (const place of [
        'faults[0].factor is missing',
        'faults[1].kind is "flood"',
        'faults[2].gap',
        'faults[2].start',
        'faults[2].duration',
        'faults[3] has neither least nor most',
        'faults[4].most',
        'faults[5].deposit takes all',
        'faults[6].start',
        'faults[6].gap is not known of down',
        'faults[6].feed',
        'faults[7] is no object',
      ])
        expect(said).toContain(place)
    }
    expect(() => parseFaults('x', 'scenario.faults')).toThrow('scenario.faults is no list')
    expect(parseFaults([])).toEqual([])
  })
  it('keep states as plain data', () => {
    const faulted = withFaults(live, parseFaults([{ kind: 'stale', start: 5, duration: 9 }]))
    const state = faulted.step(faulted.start(10n, at(0)), 11n, at(6))
    const before = canonical(state)
    expect(canonical(structuredClone(state))).toBe(before)
    faulted.step(state, 12n, at(7))
    expect(canonical(state)).toBe(before)
  })
})

describe('CAPO', () => {
  const parameters: CapoParameters = { snapshotRatio: 12n * 10n ** 17n, snapshotTime: at(100 * DAY), yearlyBps: 968n }
  it('lets the cap grow by the yearly rate, stored per second × 1e6 and rounded down', () => {
    expect(capoGrowthScaledDown(parameters)).toBe((12n * 10n ** 17n * 968n * 10n ** 6n) / 10_000n / 31_536_000n)
    expect(capoMaxRatioDown(parameters, at(100 * DAY))).toBe(parameters.snapshotRatio)
    const year = capoMaxRatioDown(parameters, at(465 * DAY))
    expect(Number(year) / 1e18).toBeCloseTo(1.2 * 1.0968, 12)
    expect(() => capoMaxRatioDown(parameters, at(99 * DAY))).toThrow()
  })
  it('prices the ratio up to the cap and no further', () => {
    const oracle = capo(parameters)
    const base = 2_000_00000000n
    const below = oracle.start({ base, ratio: 121n * 10n ** 16n }, at(200 * DAY))
    expect(oracle.read(below, at(200 * DAY))?.answer).toBe(2_420_00000000n)
    const cap = capoMaxRatioDown(parameters, at(200 * DAY))
    for (const ratio of [cap, cap + 1n, 2n * E18]) {
      const state = oracle.step(below, { base, ratio }, at(200 * DAY))
      expect(oracle.read(state, at(200 * DAY))?.answer).toBe((base * cap) / E18)
      expect(capoIsCapped(parameters, ratio, at(200 * DAY))).toBe(ratio > cap)
    }
  })
  it('takes snapshots that are newer, 7 to 180 days old, and above zero', () => {
    const now = at(400 * DAY)
    const next = (age: number, snapshotRatio = E18) => ({ ...parameters, snapshotRatio, snapshotTime: at(now - age) })
    for (const age of [CAPO_MIN_SNAPSHOT_DELAY, 180 * DAY])
      expect(setCapoParameters(parameters, next(age), now)).toEqual(next(age))
    for (const age of [CAPO_MIN_SNAPSHOT_DELAY - 1, 180 * DAY + 1])
      expect(() => setCapoParameters(parameters, next(age), now)).toThrow(/InvalidRatioTimestamp/)
    expect(() => setCapoParameters(next(10 * DAY), next(10 * DAY), now)).toThrow(/InvalidRatioTimestamp/)
    expect(() => setCapoParameters(parameters, next(10 * DAY, 0n), now)).toThrow('SnapshotRatioIsZero')
  })
})

describe('the wstETH cap of 10 March 2026', () => {
  const { model, published, faults } = CAPO_WSTETH_2026_03_10
  it('is reproduced from the gap alone, within half a percent of the published figures', () => {
    const loss = capIncidentLoss(model)
    expect(Math.abs(loss.oracleProfit / published.oracleProfitEth - 1)).toBeLessThan(0.005)
    expect(Math.abs(loss.bonus / published.bonusEth - 1)).toBeLessThan(0.005)
    expect(Math.abs(loss.total / published.totalEth - 1)).toBeLessThan(0.005)
    expect(loss.healthThreshold).toBeCloseTo(1.029336, 6)
    expect(() => capIncidentLoss({ ...model, gap: 1 })).toThrow('gap is 1')
  })
  it('is a fault that a scenario loads: the price is 2.85 % too low on that day', () => {
    const fault = parseFaults(JSON.parse(JSON.stringify(faults)))[0] as OracleFault
    const faulted = withFaults(live, [fault], CAPO_WSTETH_2026_03_10.feed)
    const state = faulted.start(1_228_000_000_000_000_000n, at(fault.start))
    expect(Number(faulted.read(state, at(fault.start + 60))?.answer) / 1.228e18).toBeCloseTo(0.9715, 9)
    expect(faulted.read(state, at(fault.start + DAY))?.answer).toBe(1_228_000_000_000_000_000n)
  })
})
