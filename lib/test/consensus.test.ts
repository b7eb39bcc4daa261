/** The book against the public consensus of matching engines; where the workload and the hashes come from stands in consensus.ts. */
import { describe, expect, it } from 'vitest'
import { createBook, createPlainBook } from '../kernels/index.ts'
import { CANCEL, consensusAnswers, consensusWorkload, MODIFY, SCENARIOS, type Scenario } from './consensus.ts'

const LADDER = { minTick: 1, maxTick: 131_072 }

describe('the public consensus of matching engines', () => {
  it.each(Object.keys(SCENARIOS) as Scenario[])('%s: two million messages answered to the byte', (scenario) => {
    const workload = consensusWorkload(scenario)
    const book = createBook({ ...LADDER, capacity: 65_536, orderNumbers: workload.newOrders + 1 })
    const answers = consensusAnswers(book, workload)
    expect(answers.sha256).toBe(SCENARIOS[scenario][2])
    // The one count of trades that is published beside the hashes.
    if (scenario === 'normal') expect(answers.trades).toBe(62_474)
  })

  it('the plain twin gives the same answers on a small workload of another seed', () => {
    const workload = consensusWorkload('swing-25', 4_000, 5)
    const options = { ...LADDER, capacity: 4_000, orderNumbers: 4_001 }
    const answers = consensusAnswers(createPlainBook(options), workload)
    expect(consensusAnswers(createBook(options), workload)).toEqual(answers)
    expect(answers.trades).toBeGreaterThan(100)
    for (const kind of [CANCEL, MODIFY]) expect(workload.kind.includes(kind)).toBe(true)
  })
})
