import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SHARED_REFERENCE } from './shared-data.ts'
import { FORMS, parseVectors, runVectors } from './vectors.ts'

const file = join(SHARED_REFERENCE, 'vectors.json')
const shapes = join(SHARED_REFERENCE, 'vector-shapes.json')
describe('vectors', () => {
  it.skipIf(!existsSync(file))('of every section are reproduced, every one', () => {
    const vectors = parseVectors(readFileSync(file, 'utf8'))
    const { ran, differences, unsupported } = runVectors(vectors)
    expect(differences).toEqual([])
    expect(unsupported).toEqual([])
    const count = [...ran.values()].reduce((sum, one) => sum + one, 0)
    process.stdout.write(`vectors: ${count} ran in ${ran.size} families\n`)
    expect(count).toBe(vectors.length)
    expect(count).toBeGreaterThan(100)
  })

  it.skipIf(!existsSync(shapes))('of every published form are accepted', () => {
    const forms = JSON.parse(readFileSync(shapes, 'utf8')) as Shape[]
    expect(forms.length).toBeGreaterThan(90)
    const refused = forms.filter(({ mech, inputs }) => {
      const sample = example(inputs, '', mech)
      return !FORMS.some((form) => form.mech === mech && form.accepts(sample))
    })
    expect(refused.map(({ mech, inputs }) => `${mech} ${JSON.stringify(inputs)}`)).toEqual([])
  })

  it('differ where they differ, leaf by leaf, and are counted where nothing answers', () => {
    const one = { id: 'X', mech: 'A.bankruptcy', inputs: { side: 1, ep: 10_000, lev: 50 }, expected: 9_800, tol: 1e-9 }
    expect(runVectors([one])).toMatchObject({ differences: [], unsupported: [] })
    expect(runVectors([{ ...one, expected: 9_801 }]).differences[0]).toMatch(/is 9800, not 9801/)
    expect(runVectors([{ ...one, mech: 'A.nothing' }]).unsupported[0]).toMatch(
      /nothing answers A.nothing with {side, ep, lev}/,
    )
    expect(runVectors([{ ...one, inputs: { ...one.inputs, side: 0 } }]).unsupported).toHaveLength(1)
    expect(runVectors([{ ...one, inputs: { ...one.inputs, ep: -1 } }]).differences[0]).toMatch(
      /stopped: the entry price is -1/,
    )
    // What is no vector is told by its place, and the others run.
    const { ran, unsupported } = runVectors([{ id: 'Y', mech: one.mech, inputs: one.inputs }, one])
    expect(unsupported).toEqual([expect.stringMatching(/^entry 1 is no vector: expected: /)])
    expect([...ran]).toEqual([['A.bankruptcy', 1]])
    expect(() => parseVectors('{"id": 1}')).toThrow('it is no list of vectors')
  })

  it('with a printed figure must round to it', () => {
    const vector = (id: string) => ({
      id,
      mech: 'A.binance.lp',
      inputs: { wb: 100, side: 1, q: 1, ep: 150, mmr: 0, cum: 0.004 },
      expected: 50,
      tol: 0.005,
    })
    expect(
      runVectors([{ ...vector('A-BIN-1'), inputs: { ...vector('').inputs, mmr: 0.01 } }]).differences,
    ).toHaveLength(1)
  })

  it('of Binance’s whole formula take other positions and both legs of hedge mode', () => {
    const eth = 3683.979 * 1335.18
    const cross = {
      wb: 1_535_443.01,
      tmm1: eth * 0.1 - 135_365,
      upnl1: eth - 3683.979 * 1456.84,
      side: 1,
      q: 109.488,
      ep: 32_481.98,
      mmr: 0.025,
      cum: 16_300,
    }
    const check = (inputs: unknown, expected: number, tol: number) =>
      runVectors([{ id: 'X', mech: 'A.binance.lp', inputs, expected, tol }])
    // The FAQ's own figure with both positions.
    expect(check(cross, 26_316.89, 1e-6)).toMatchObject({ differences: [], unsupported: [] })
    const hedge = { wb: 50, qLong: 2, epLong: 100, mmrLong: 0.01, qShort: 1, epShort: 100, mmrShort: 0.01 }
    // 50 + 2(x − 100) − (x − 100) = 0.03 x
    expect(check(hedge, 50 / 0.97, 1e-9)).toMatchObject({ differences: [], unsupported: [] })
    expect(check({ ...hedge, moon: 1 }, 1, 1).unsupported).toHaveLength(1)
  })
})

type Shape = { readonly mech: string; readonly inputs: unknown }

/** Keys that a form leaves open, by family. */
const OPEN_KEYS: Readonly<Record<string, readonly string[]>> = {
  'A.binance.lp': ['wb', 'tmm', 'upnl', 'side', 'q', 'ep', 'mmr', 'cum'],
  'D.llamma': ['coll', 'debt', 'N', 'n1', 'A', 'pBase', 'liqDiscount'],
  'E.exec': ['X', 'T', 'N', 'sigma', 'eps', 'gamma', 'eta', 'lam'],
}
/** How long the lists are that a form names by one item. */
const LENGTHS: Readonly<Record<string, number>> = {
  'C.aave.v33/rows': 3,
  'C.morpho.pre/preLCF': 2,
  'C.morpho.pre/preLIF': 2,
}

/** A value of a published form. */
function example(shape: unknown, key: string, mech: string): unknown {
  if (shape === 'number') return 1
  if (shape === 'string') return key === 'mode' ? 'cross' : 'long'
  const length = LENGTHS[`${mech}/${key}`]
  if (Array.isArray(shape)) {
    if (mech === 'C.venus')
      return [
        [1, 'BTC'],
        [1, 'ETH'],
      ]
    if (Array.isArray(shape[0])) return [Array.from({ length: length ?? (mech === 'C.compound.v2' ? 5 : 2) }, () => 1)]
    return Array.from({ length: length ?? 1 }, () => example(shape[0], key, mech))
  }
  const entries = Object.entries(shape as Record<string, unknown>)
  if (key === '' && entries.length === 1 && entries[0]?.[0] === '<key>')
    return Object.fromEntries((OPEN_KEYS[mech] ?? []).map((name) => [name, 1]))
  return Object.fromEntries(entries.map(([name, one]) => [name === '<key>' ? 'a' : name, example(one, name, mech)]))
}
