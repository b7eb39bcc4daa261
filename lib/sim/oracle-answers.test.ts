/** Oracles under faults: answers by hand on short paths, and words that are refused. */
import { describe, expect, it } from 'vitest'
import { refusalText } from '../test/refusal-text.ts'
import { oracleAnswers, parseFault, parseOracle } from './index.ts'

const path = (prices: readonly number[], seconds = 60) => ({ name: 'by hand', prices, seconds })
const answers = (oracle: string, faults: readonly string[], prices: readonly number[], seconds = 60) =>
  oracleAnswers({ ...parseOracle(oracle), faults: faults.map(parseFault) }, path(prices, seconds))

describe('an oracle', () => {
  it('of spot sees the truth, and a stale one stands still while it lasts', () => {
    const plain = answers('spot', [], [100, 90, 80, 70])
    expect(plain.looks.map(({ answer }) => answer)).toEqual([100, 90, 80, 70])
    expect([plain.above.answer.gap, plain.below.answer.gap, plain.changed]).toEqual([0, 0, 0])
    const stale = answers('spot', ['stale@90s+60s'], [100, 90, 80, 70])
    expect(stale.looks.map(({ answer }) => answer)).toEqual([100, 90, 90, 70])
    expect(stale.looks.map(({ designed }) => designed)).toEqual([100, 90, 80, 70])
    expect(stale.above.answer).toEqual({ gap: 90 / 80 - 1, time: 120 })
    expect([stale.changed, stale.oldest]).toEqual([60, 60])
  })

  it('by push waits for its deviation, Maker’s for its hour', () => {
    const push = answers('push:deviationBps=500:heartbeat=1h', [], [100, 96, 94, 93])
    expect(push.looks.map(({ answer }) => answer)).toEqual([100, 100, 94, 94])
    const hour = answers('osm', [], [100, 50, 50, 50], 3_600)
    expect(hour.looks.map(({ answer }) => answer)).toEqual([100, 100, 50, 50])
    expect(hour.above.designed).toEqual({ gap: 1, time: 3_600 })
  })

  it('that is down, spikes or is stuck says so in numbers', () => {
    const down = answers('spot', ['down@60s+60s'], [100, 90, 80])
    expect(down.looks.map(({ answer, age }) => [answer, age])).toEqual([
      [100, 0],
      [undefined, undefined],
      [80, 0],
    ])
    expect(down.silent).toBe(60)
    expect(answers('spot', ['spike@60s+60s:factor=1.5'], [100, 90, 80]).looks[1]?.answer).toBe(135)
    const stuck = answers('spot', ['stuck@0s+10m:least=95'], [100, 90])
    expect(stuck.looks[1]?.answer).toBe(95)
    expect(stuck.faults).toEqual(['stuck@0s+600s:least=95'])
  })

  it('refuses what is no oracle, no parameter, no fault, naming what there is', () => {
    expect(refusalText(() => parseOracle('puch'))).toMatch(/'puch' is no oracle.*did you mean push/)
    expect(refusalText(() => parseOracle('push:deviation=5'))).toMatch(/no parameter of push.*deviationBps/)
    expect(refusalText(() => parseOracle('twap:window=soon'))).toMatch(/no parameter of twap/)
    for (const fault of ['stale', 'stale@1h', 'stale@x+1h', '@1h+1h'])
      expect(refusalText(() => parseFault(fault))).toMatch(/is no fault/)
    expect(refusalText(() => parseFault('spike@0s+1h'))).toMatch(/factor is missing/)
    expect(refusalText(() => parseFault('stolen@0s+1h'))).toMatch(/one of stale, stuck/)
  })
})
