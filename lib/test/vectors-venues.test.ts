/** The runner of venue vectors: the recorded truth passes, and a planted difference is found. */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SHARED_REFERENCE } from './shared-data.ts'
import { main, runVectors } from './vectors-venues.ts'

const golden = join(SHARED_REFERENCE, 'golden/venues.json')

const raw = (filled: string) =>
  JSON.stringify({
    e: 'forceOrder',
    E: 1_789_672_621_589,
    o: { s: 'PAIRUSDT', S: 'SELL', q: '10', p: '2', ap: '2.5', l: '4', z: filled, T: 1_789_672_621_550 },
  })
const vector = (filled: string) => ({
  venue: 'binance-um',
  raw: raw(filled),
  expected: [{ instrument: 'PAIRUSDT', side: 'long', size: 10, price: 2.5, usd: 25, time: 1_789_672_621_550 }],
})

describe('venue vectors', () => {
  it.skipIf(!existsSync(golden))('of the recorded truth come out without a difference', () => {
    const { cases, differences } = runVectors(readFileSync(golden, 'utf8'))
    expect(differences).toEqual([])
    expect([...cases.values()].reduce((sum, count) => sum + count, 0)).toBe(
      (JSON.parse(readFileSync(golden, 'utf8')) as { vectors: unknown[] }).vectors.length,
    )
  })
  it('find a planted difference, an unknown venue, and a file that is none', () => {
    expect(runVectors(JSON.stringify({ vectors: [vector('10')] })).differences).toEqual([])
    expect(runVectors(JSON.stringify({ vectors: [vector('4')] })).differences).toEqual([
      '#1 binance-um: row 1: size 4 instead of 10',
      '#1 binance-um: row 1: usd 10 instead of 25',
    ])
    expect(runVectors(JSON.stringify({ vectors: [{ ...vector('10'), venue: 'nowhere' }] })).differences).toEqual([
      '#1 nowhere: no such venue',
    ])
    const folder = mkdtempSync(join(tmpdir(), 'breakwater-vectors-'))
    writeFileSync(join(folder, 'bad.json'), '{"vectors":[{"venue":1}]}')
    writeFileSync(join(folder, 'wrong.json'), JSON.stringify({ vectors: [vector('4')] }))
    const lines: string[] = []
    expect(main([join(folder, 'wrong.json')], (line) => lines.push(line))).toBe(1)
    expect(main([join(folder, 'bad.json')], (line) => lines.push(line))).toBe(2)
    writeFileSync(join(folder, 'none.json'), '{"vectors":[]}')
    expect(main([join(folder, 'none.json')], (line) => lines.push(line))).toBe(1)
    expect(main([], (line) => lines.push(line))).toBe(2)
    expect(lines.join('\n')).toMatch(/1 cases \(binance-um 1\), 2 differences/)
  })
})
