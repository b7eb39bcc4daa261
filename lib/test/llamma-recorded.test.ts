/** What LLAMMA's bytecode did in recorded histories, replayed through our mechanism: every outcome in clear, every reading by its mark. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { type LlammaMarket, llamma, llammaRules, wasRefused } from '../mechanisms/index.ts'
import {
  CORNERS,
  type Corner,
  type RecordedHistory,
  type RecordedStep,
  type Replayed,
  readHistories,
  replay,
  writeHistories,
} from './llamma-recorded.ts'

const TEXT = readFileSync(resolve(import.meta.dirname, 'recorded/llamma.json'), 'utf8')
const HISTORIES = readHistories(TEXT)
/** Each is replayed once. */
const replayed = new Map<string, Replayed>()
const replayOf = (history: RecordedHistory) => {
  const known = replayed.get(history.name) ?? replay(history)
  replayed.set(history.name, known)
  return known
}
const named = (part: string) => {
  const found = HISTORIES.find(({ name }) => name.startsWith(part))
  if (!found) throw new Error(`no history begins with ${part}`)
  return found
}

it.each(
  HISTORIES.map((history) => [history.name, history] as const),
)('%s: as the contracts did it', (_name, history) => {
  const { steps, differences } = replayOf(history)
  expect(differences).toEqual([])
  expect(steps).toBe(history.steps.length)
  expect(steps).toBeGreaterThan(30)
})

it('the histories reach every corner, in a file that reads back as it was written', () => {
  const reached = new Set<Corner>(HISTORIES.flatMap((history) => [...replayOf(history).corners.keys()]))
  expect(CORNERS.filter((corner) => !reached.has(corner))).toEqual([])
  expect(TEXT.length).toBeLessThan(150_000)
  expect(writeHistories(HISTORIES)).toBe(TEXT)
})

it('a unit that an exchange loses is found in the band, at the step that lost it', () => {
  const history = named('four bands')
  const first = history.steps.findIndex(
    ({ action, outcome }) => action.do === 'exchange' && typeof outcome !== 'string' && (outcome['sold'] ?? 0n) > 0n,
  )
  const { differences } = replay(history, (state, action, at) => {
    const done = llamma.apply(state, action, at)
    const [market] = [...state.markets.values()] as [LlammaMarket]
    if (action.do !== 'exchange' || wasRefused(done) || !done.moved?.['sold']) return done
    const bands = action.sell === 'borrowed' ? market.bandsX : market.bandsY
    llammaRules.setBand(bands, market.activeBand, (bands.get(market.activeBand) ?? 1n) - 1n)
    return done
  })
  expect(differences.join('\n')).toMatch(new RegExp(`^four bands.*, step ${first} \\(exchange\\): the first reading`))
})

it('a partial liquidation’s debt that is rounded down is found in clear', () => {
  const history = named('four bands')
  const { differences } = replay(history, (state, action, at) => {
    const done = llamma.apply(state, action, at)
    if (action.do !== 'liquidate' || wasRefused(done) || !(action.fraction && action.fraction < llammaRules.WAD))
      return done
    return { ...done, moved: { ...done.moved, debt: (done.moved?.['debt'] ?? 0n) - 1n } }
  })
  expect(differences.join('\n')).toMatch(/\(liquidate\): debt: ours \d+, the contract's \d+/)
})

it('another word, a lost letter and a changed mark are differences', () => {
  const history = named('four bands')
  const changed = (change: (step: RecordedStep) => Partial<RecordedStep>) =>
    replay({ ...history, steps: history.steps.map((step, i) => (i === 5 ? { ...step, ...change(step) } : step)) })
  for (const change of [
    () => ({ outcome: 'Another word' }),
    ({ letters, mark }: RecordedStep) => ({ letters: letters.slice(1), mark: `${mark}x` }),
    ({ mark }: RecordedStep) => ({ mark: `${mark}x` }),
  ])
    expect(changed(change)).toMatchObject({ steps: 5, differences: [expect.stringMatching(/, step 5 \(/)] })
})
