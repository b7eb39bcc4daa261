import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runGolden } from './golden.ts'
import { SHARED_REFERENCE } from './shared-data.ts'

const folder = join(SHARED_REFERENCE, 'golden')
/** Recorded contracts whose mechanisms stand here, and how many calls their files hold. */
const RECORDED = [
  ['aave-v2', 300],
  ['aave-v3.0', 300],
  ['aave-v3.6', 600],
  ['compound-v2', 300],
  ['compound-v3', 300],
  ['euler-v2', 200],
  ['fraxlend', 200],
  ['liquity-v2', 200],
  ['maker-clip', 400],
  ['morpho-blue', 500],
  ['venus-core', 200],
] as const

describe('recorded contract calls are replayed to the last unit', () => {
  it.skipIf(!existsSync(folder)).each(RECORDED)('%s: %d calls', (name, count) => {
    const { cases, failed, differences } = runGolden(readFileSync(join(folder, `${name}.json`), 'utf8'))
    expect(differences).toEqual([])
    expect(failed).toBe(0)
    expect([...cases.values()].reduce((sum, one) => sum + one, 0)).toBe(count)
  })
})

describe('the replay', () => {
  it('refuses what is no recording, and protocols that nothing answers', () => {
    expect(() => runGolden('{}')).toThrow(/no `protocol` and `cases`/)
    expect(() => runGolden('{"protocol": "moon", "version": "1", "cases": []}')).toThrow(
      /no mechanism for protocol 'moon'/,
    )
    expect(() => runGolden('{"protocol": "moon", "cases": [{}]}')).toThrow(/case 1/)
    expect(() => runGolden('{"protocol": "morpho-blue", "version": "1.0.0", "cases": []}')).toThrow('it has no case')
  })

  it.skipIf(!existsSync(folder))('tells a difference', () => {
    const file = join(folder, 'morpho-blue.json')
    const recorded = JSON.parse(readFileSync(file, 'utf8'))
    const first = recorded.cases.find((one: { out: object }) => Object.keys(one.out).length > 0)
    const spoiled = JSON.stringify({ ...recorded, cases: [{ ...first, out: { ...first.out, surplus: '1' } }] })
    expect(runGolden(spoiled).failed).toBe(1)
  })
})
