/** The tabs' figures against the reference's numbers, against the float64 kernel, and against the code that each tab shows. */
import { describe, expect, it } from 'vitest'
import * as mechanisms from '../../../../lib/mechanisms/index.ts'
import * as sim from '../../../../lib/sim/index.ts'
import { MECHANISM_TABS, type MechanismTab, type MechanismWords, readMechanism } from '../../state/mechanisms.ts'
import { panel as bamm } from './bamm.ts'
import { panel as bob } from './bob.ts'
import { panel as clip } from './clip.ts'
import { panel as fx } from './fx.ts'
import { panel as fx1 } from './fx1.ts'
import { panel as infinifi } from './infinifi.ts'
import { panel as kamino } from './kamino.ts'
import { panel as llamma } from './llamma.ts'
import { openLoan, rangeOf, standingOf, thereAndBack, type Walked, type WalkTerms, walkTo } from './llamma-walk.ts'
import type { Figures, LinesChart, MechanismPanel } from './panel.ts'
import { panel as pool } from './pool.ts'
import { panel as pre } from './pre.ts'
import { panel as rwa } from './rwa.ts'

const PANELS: Readonly<Record<MechanismTab, MechanismPanel>> = {
  ...{ llamma, bamm, fx, fx1, bob, infinifi, rwa, kamino, pre, pool, clip },
}
const TABS = MECHANISM_TABS.map(([id]) => id)

function figures(id: MechanismTab, words: MechanismWords = {}): Figures {
  const told = PANELS[id].figures(readMechanism(PANELS[id].fields, words))
  if ('refused' in told) throw new Error(told.refused)
  return told
}
function refusal(id: MechanismTab, words: MechanismWords): string {
  const told = PANELS[id].figures(readMechanism(PANELS[id].fields, words))
  return 'refused' in told ? `${told.field}: ${told.refused}` : 'accepted'
}
const fact = (told: Figures, id: string) => told.facts.find((one) => one.id === id)?.value ?? ''
const number = (text: string) =>
  Number(
    text
      .replaceAll(',', '')
      .replace('−', '-')
      .replace(/^(-?)\$/, '$1')
      .split(' ')[0],
  )
const lines = (told: Figures, id: string) => told.charts.find((one) => one.id === id) as LinesChart

/** Runs the code of a tab with the library's rooms in place of its packages, and gives what it prints first. */
function printed(code: string): unknown {
  const body = code
    .replace(/import (\{[^}]*\}) from 'breakwater\/(\w+)'/g, 'const $1 = $2')
    .replace(/console\.log\(/, 'return [].concat(')
  return (new Function('mechanisms', 'sim', body)(mechanisms, sim) as unknown[])[0]
}

describe.each(TABS)('%s', (id) => {
  it('says its state, its conditions and figures, and every number is one', () => {
    const told = figures(id)
    expect(told.state.says.length).toBeGreaterThan(10)
    expect(told.conditions.length).toBeGreaterThan(1)
    expect(told.charts.length).toBeGreaterThan(0)
    const text = JSON.stringify([told.state, told.conditions, told.facts, told.charts.map(({ summary }) => summary)])
    expect(text).not.toMatch(/NaN|Infinity|undefined/)
    for (const chart of told.charts)
      if (chart.kind === 'lines')
        for (const { points } of chart.lines)
          expect(points.every(([x, y]) => Number.isFinite(x) && Number.isFinite(y))).toBe(true)
    // No word that advises.
    expect(text + PANELS[id].summary).not.toMatch(/\b(safe|target price|magnet|fuel|should)\b/i)
  })

  it('changes with its slider', () => {
    const field = PANELS[id].fields.find(({ key }) => key === PANELS[id].slider)
    if (field?.kind !== 'number') throw new Error('the slider is no number')
    const moved = { [field.key]: String(Number(field.initial) * 0.97) }
    const rounded = field.whole ? { [field.key]: String(Math.round(Number(field.initial) * 0.97)) } : moved
    expect(figures(id, rounded).facts).not.toEqual(figures(id).facts)
  })

  it('prints its main figure with the code it shows', () => {
    expect(printed(figures(id).code)).toBeTypeOf('number')
  })
})

describe('the code of a tab', () => {
  it.each([
    ['llamma', 'health', 0.01],
    ['bamm', 'ltv', 0.01],
    ['pre', 'close', 0.01],
    ['kamino', 'bonus', 0.01],
    ['fx1', 'ratio', 0.06],
  ] as const)('%s gives the %s on the page', (id, name, step) => {
    expect(Math.abs((printed(figures(id).code) as number) * 100 - number(fact(figures(id), name)))).toBeLessThan(step)
  })
  it.each([
    ['bob', 'repay', 1],
    ['clip', 'ask', 0.01],
    ['pool', 'p', 1e-6],
    ['infinifi', 'price', 1e-4],
  ] as const)('%s gives the %s on the page, in its unit', (id, name, step) => {
    expect(Math.abs((printed(figures(id).code) as number) - number(fact(figures(id), name)))).toBeLessThan(step)
  })
})

describe('llamma', () => {
  const terms: WalkTerms = {
    ...{ open: 2_000, collateral: 10, debt: 15_000, bands: 10, A: 100, fee: 0.006, step: 0.01 },
    ...{ loanDiscount: 0.09, liquidationDiscount: 0.06 },
  }
  const walkAll = () => {
    const opened = openLoan(terms) as Walked
    const down = walkTo(opened, 1_600, terms.step, [])
    return [...down, ...walkTo(down[down.length - 1] as Walked, 2_000, terms.step, [])]
  }

  it('puts the reference’s loan into band 28', () => {
    const loan = openLoan({ ...terms, open: 3_000, collateral: 1, debt: 1_950 })
    expect('refused' in loan ? loan.refused : rangeOf(loan).n1).toBe(28)
  })

  it('loses the same there and back in integers and in the float64 kernel', () => {
    const walked = walkAll()
    const end = standingOf(walked[walked.length - 1] as Walked)
    const back = thereAndBack(terms, rangeOf(walked[0] as Walked).n1, 1_600)
    expect(end.coins).toBeLessThan(10)
    expect(Math.abs(end.coins - back.y)).toBeLessThan(1e-6)
    expect(Math.abs(end.stable - back.x)).toBeLessThan(1e-3)
  })

  it('keeps steps between calls: any order of prices gives the same figures', () => {
    const straight = figures('llamma', { price: '1620' }).facts
    figures('llamma', { price: '1500' })
    figures('llamma', { price: '1990' })
    figures('llamma', { way: 'via low', low: '1580', price: '1700' })
    expect(figures('llamma', { price: '1620' }).facts).toEqual(straight)
  })

  it.each([
    [{ price: '1900' }, 'above the bands: all collateral', 'calm'],
    [{ price: '1650' }, 'soft-liquidation', 'soft'],
    [{ way: 'via low', low: '1600', price: '1700' }, 'de-liquidation', 'soft'],
    [{ price: '1500' }, 'below the bands: all stablecoin', 'soft'],
    [{ price: '1200', step: '20', liqd: '8.5', debt: '16400' }, 'hard liquidation', 'hard'],
  ])('%o is %s', (words, name, kind) => {
    expect(figures('llamma', words as MechanismWords).state).toMatchObject({ name, kind })
  })

  it('tells what the contract refuses at its field', () => {
    expect(refusal('llamma', { debt: '19900' })).toContain('debt: The contract says')
    expect(refusal('llamma', { liqd: '9' })).toContain('liqd:')
    expect(refusal('llamma', { a: '500', fee: '2' })).toContain('fee:')
  })
})

describe('against the reference', () => {
  it('bob repays 47.0588 % of the value', () => {
    const told = figures('bob', { price: '100000', debt: '85000', bonus: '5', target: '75' })
    expect(number(fact(told, 'repay'))).toBeCloseTo(47_059, 0)
  })
  it('bob needs 7.9 % for seven days and 0.61 % for an hour', () => {
    const told = figures('bob', { assert: '0', window: '7', sigma: '3' })
    expect(fact(told, 'needed')).toBe('7.94 %')
    expect(fact(figures('bob', { path: 'fast', fast: '60', sigma: '3' }), 'needed')).toBe('0.61 %')
  })
  it('f(x) at 5x is rebalanced 9.09 % down and liquidated 15.79 % down', () => {
    const says = figures('fx').conditions.map((one) => one.says)
    expect(says[0]).toContain('−9.09 %')
    expect(says[1]).toContain('−15.79 %')
  })
  it('f(x) v1 has a leverage of 1.9 at half quiet tokens and β 0.1, and its modes in their order', () => {
    expect(fact(figures('fx1', { price: '2000' }), 'leverage')).toContain('1.9×')
    const mode = (price: string) => figures('fx1', { price, beta: '0', rho: '50' }).state.name
    expect(['1310', '1290', '1190', '1130', '990'].map(mode)).toEqual([
      ...['normal', 'stability', 'liquidation', 'self-liquidation', 'recapitalisation'],
    ])
  })
  it('a keeper that is up only rebalances; one that comes back too late liquidates', () => {
    expect(fact(figures('fx', { price: '1600' }), 'calls')).toMatch(/^\d\d, 0$/)
    expect(fact(figures('fx', { price: '1600', keeper: 'back now' }), 'calls')).toBe('0, 1')
    expect(figures('fx', { price: '1650', keeper: 'down' }).state.kind).toBe('hard')
    expect(figures('fx', { price: '1500', keeper: 'back now' }).state.kind).toBe('lost')
  })
  it('a price does not move BAMM’s LTV, days do', () => {
    const ltv = (words: MechanismWords) => fact(figures('bamm', words), 'ltv')
    expect(ltv({ price: '500' })).toBe(ltv({ price: '9000' }))
    expect(number(ltv({ days: '300' }))).toBeGreaterThan(number(ltv({ days: '10' })))
    expect(refusal('bamm', { ltv: '99' })).toBe('accepted')
    expect(readMechanism(bamm.fields, { ltv: '99' }).complaints['ltv']).toContain('above 97.99')
  })
  it('BAMM’s schedule goes through 0.2 %, 20 % and 100 %', () => {
    const points = new Map(lines(figures('bamm'), 'repay').lines[0]?.points)
    expect([points.get(0.985), points.get(0.995)]).toEqual([0.2, 1])
  })
  it('InfiniFi leaves a buffer that does not cover the loss untouched', () => {
    const told = figures('infinifi', { loss: '14', buffer: '10', locked: '60' })
    expect([fact(told, 'buffer'), fact(told, 'locked')]).toEqual(['0 M', '14 M'])
    expect(figures('infinifi', { loss: '4' }).state.name).toBe('covered by the buffer')
    expect(number(fact(figures('infinifi', { loss: '150', max: '100' }), 'price'))).toBeLessThan(1)
    expect(figures('infinifi', { loss: '150' }).state.name).toBe('paused')
  })
  it('a ticket that money reaches in part waits with the rest', () => {
    expect(fact(figures('infinifi', { queue: '1:233', cash: '100' }), 'queue')).toBe('1')
    expect(figures('infinifi', { queue: '1:233', cash: '100' }).charts[2]?.summary).toContain('1 wait')
  })
  it('Kamino’s bonus is the overshoot between its bounds and never more than is left', () => {
    const bonus = (ltv: number) =>
      fact(figures('kamino', { coll: '100', debt: '7200', price: String(72 / ltv) }), 'bonus')
    expect([bonus(0.85), bonus(0.895), bonus(0.95)]).toEqual(['5.00 %', '9.50 %', '5.00 %'])
  })
  it('an empty stability pool redistributes everything', () => {
    const told = figures('pool', { d1: '0', d2: '0', d3: '0' })
    expect(told.state.name).toBe('redistributed')
    expect(fact(told, 'offset')).toBe('0 LUSD')
    expect(figures('pool', { d1: '1000', d2: '0', d3: '0' }).state.name).toBe('pool emptied, rest redistributed')
    expect(figures('pool', { price: '1700' }).state.name).toBe('healthy')
  })
  it('an auction is too dear, then worth taking, then run out', () => {
    const state = (age: string) => figures('clip', { age }).state.name
    expect([state('600'), state('1800'), state('8500')]).toEqual(['too dear', 'worth taking', 'run out'])
  })
  it('a holder shortens the way out of the gate', () => {
    const says = (holder: string) => figures('rwa', { holder }).conditions[1]?.says
    expect([says('present'), says('absent')]).toEqual(['after 37 days.', 'after 96 days.'])
  })
})
