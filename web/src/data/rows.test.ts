import { describe, expect, it } from 'vitest'
import type { WireEvent, WireGap } from '../../../lib/api/index.ts'
import { coverageGapRows, eventRows, joinGaps, mergeRows, streamedGapRows, withdrawals, withdrawRows } from './rows.ts'

const event = (id: string, time: number, more: object = {}) =>
  ({ id, time, type: 'perp-liquidation', venue: 'bybit', received: time, source: 'live', ...more }) as WireEvent
const gap = (from: number, to: number) =>
  ({ id: `g${from}`, type: 'gap', channel: 'liquidations', venue: 'okx', from, to, why: 'reconnect' }) as WireGap
const ids = (rows: readonly { id: string }[]) => rows.map((row) => row.id)

describe('the rows of the tape', () => {
  it('keeps each event once, newest first, whatever the order it comes in', () => {
    const first = mergeRows([], eventRows([event('b', 2), event('a', 1), event('d', 4)]), 10)
    const then = mergeRows(first, eventRows([event('c', 3), event('b', 2), event('e', 4)]), 10)
    expect(ids(then)).toEqual(['e', 'd', 'c', 'b', 'a'])
    expect(mergeRows(then, eventRows([event('a', 1)]), 10)).toBe(then)
    expect(ids(mergeRows(then, eventRows([event('f', 5)]), 3))).toEqual(['f', 'e', 'd'])
  })

  it('shows what is counted and nothing else', () => {
    expect(eventRows([event('t', 1, { type: 'trade' }), event('l', 1, { type: 'loan-liquidation' })])).toHaveLength(1)
  })

  it('puts a gap where it ends, and shows what was told in pieces once', () => {
    const rows = mergeRows([], eventRows([event('a', 25), event('b', 35), event('c', 5)]), 10)
    const covered = coverageGapRows([{ venue: 'okx', gaps: [{ from: 10, to: 30, why: 'reconnect' }] }])
    const told = streamedGapRows([gap(10, 20), gap(32, 34)])
    expect(ids(joinGaps(rows, covered, told, 0))).toEqual(['b', 'gap okx 32 34', 'gap okx 10 30', 'a', 'c'])
    expect(ids(joinGaps(rows, [], told, 0))).toEqual(['b', 'gap okx 32 34', 'a', 'gap okx 10 20', 'c'])
    expect(ids(joinGaps(rows, covered, told, 31))).toEqual(['b', 'gap okx 32 34', 'a', 'c'])
    expect(joinGaps(rows, [], [], 0)).toBe(rows)
  })

  it('takes no time that has not come for a gap', () => {
    expect(coverageGapRows([{ venue: 'okx', gaps: [{ from: 10, to: 30, why: 'in the future' }] }])).toEqual([])
  })

  it('leaves a withdrawn event visible as withdrawn', () => {
    const rows = mergeRows([], eventRows([event('a', 1), event('b', 2)]), 10)
    const marked = withdrawRows(
      rows,
      withdrawals([{ ...event('r', 3), type: 'retraction', of: 'a', why: 'reorganised' } as WireEvent]),
    )
    expect(marked.map((row) => row.kind === 'event' && row.withdrawn)).toEqual([undefined, 'reorganised'])
    expect(withdrawRows(rows, new Map([['z', 'x']]))).toBe(rows)
  })
})
