/** The library of incidents against what was published: one table of every figure, and which of them are missed. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type FigureRow, INCIDENTS, type Incident, incidentOf, runIncident } from '../sim/index.ts'
import { SHARED_DATA } from './shared-data.ts'

/** Figures that the models miss, told as such: a figure that joins or leaves this list is news. */
const MISSED: readonly string[] = [
  '2020-03-12-black-thursday deficit',
  '2021-05-18-venus-xvs ethLeft',
  '2021-05-18-venus-xvs lastXvs',
  'loop-gap-bad-debt told5',
  'loop-gap-bad-debt told8',
  'loop-gap-bad-debt told12',
  'loop-gap-bad-debt told20',
]

/** Incidents whose figures must be met, and which of their figures were fitted. */
const AT_LEAST = [
  '2026-03-10-wsteth-cap',
  '2020-03-12-black-thursday',
  '2026-05-28-spacex-hip3',
  '2025-10-10-adl-waves',
  'almgren-chriss-frontier',
  '2020-03-12-dai-squeeze',
]

function filesOf({ files }: Incident): ReadonlyMap<string, string> {
  const there = files.filter((name) => existsSync(resolve(SHARED_DATA, name)))
  return new Map(there.map((name) => [name, readFileSync(resolve(SHARED_DATA, name), 'utf8')]))
}

const rows: (FigureRow & { readonly incident: string })[] = []

function printed({
  incident,
  figure,
  published,
  unit,
  model,
  difference,
  relative,
  tolerance,
  verdict,
  fitted,
}: (typeof rows)[number]) {
  const number = (value: number | undefined) =>
    value === undefined ? '' : String(Math.abs(value) >= 1e5 ? Math.round(value) : Number(value.toPrecision(6)))
  const told = typeof published === 'number' ? number(published) : published.map(number).join(' to ')
  const off = relative === undefined ? number(difference) : `${(relative * 100).toFixed(2)} %`
  return [
    incident,
    figure,
    `${told} ${unit}`,
    number(model),
    off,
    tolerance,
    verdict + (fitted ? ` (fits ${fitted})` : ''),
  ]
}

function tableOf(lines: readonly (readonly string[])[]): string {
  const all = [['incident', 'figure', 'published', 'model', 'difference', 'tolerance', 'verdict'], ...lines]
  const widths = all[0]?.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0))) ?? []
  return all
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

describe.each(INCIDENTS.map((one) => [one.id, one] as const))('%s', (id, incident) => {
  const files = filesOf(incident)
  const complete = files.size === incident.files.length
  const run = runIncident(id, { files, counterfactuals: false })
  rows.push(...run.figures.map((row) => ({ ...row, incident: id })))

  it('misses exactly the figures that are named as missed', () => {
    const missed = run.figures.filter(({ verdict }) => verdict === 'missed').map((row) => `${id} ${row.id}`)
    expect(missed).toEqual(MISSED.filter((one) => one.startsWith(`${id} `)))
    expect(run.figures.filter(({ verdict }) => verdict === 'no-number')).toEqual([])
    if (complete) expect(run.figures.filter(({ verdict }) => verdict === 'needs-data')).toEqual([])
  })

  it('is the same again with the same seed', () => {
    const { figures, series } = runIncident(id, { files, counterfactuals: false })
    expect({ figures, series }).toEqual({ figures: run.figures, series: run.series })
  })

  it('says who says so, names what it fitted, and has lines to show', () => {
    expect(incident.story.length).toBeGreaterThanOrEqual(3)
    expect(incident.story.length).toBeLessThanOrEqual(5)
    expect(incident.sources.length).toBeGreaterThan(0)
    const fits = incident.figures.flatMap(({ fitted, id: figure }) => (fitted ? [`${fitted} to ${figure}`] : []))
    expect(incident.fitted.map(({ name, to }) => `${name} to ${to}`)).toEqual(expect.arrayContaining(fits))
    const known = new Set([...incident.figures, ...incident.measures].map((one) => one.id))
    expect(incident.compared.filter((one) => !known.has(one))).toEqual([])
    if (complete)
      expect(run.series.flatMap(({ lines }) => lines.flatMap(({ points }) => points)).length).toBeGreaterThan(3)
    for (const { lines } of run.series)
      for (const { points } of lines) for (const point of points) expect(point.every(Number.isFinite)).toBe(true)
  })
})

describe('the figures that must be met', () => {
  const has = existsSync(resolve(SHARED_DATA, 'hl-adl-waves-2025-10-10'))
  it.skipIf(!has).each(AT_LEAST)('%s', (id) => {
    const own = rows.filter((row) => row.incident === id && !MISSED.includes(`${id} ${row.id}`))
    expect(own.length).toBeGreaterThan(2)
    expect(own.filter(({ verdict }) => verdict !== 'met')).toEqual([])
  })

  it('Flip gives away a third of the lots and Clip none on the same path', () => {
    const value = (id: string) =>
      rows.find((row) => row.incident === '2020-03-12-black-thursday' && row.id === id)?.model
    expect(value('zeroShare')).toBeGreaterThan(0.3)
    expect(value('zeroShare')).toBeLessThan(0.4)
    expect(value('clipZeroShare')).toBeLessThan(0.01)
    expect(value('clipDeficitShare')).toBeLessThan(0.1)
  })
})

describe('a run', () => {
  it('shows what other rules change, the asked ones beside the recorded', () => {
    const run = runIncident('wsteth-cap', { change: { guard: '0.02' } })
    const by = new Map(run.rules.map(({ id, values }) => [id, values]))
    expect([...by.keys()].slice(0, 3)).toEqual(['recorded', 'asked', 'guard'])
    expect(by.get('asked')?.['lossEth']).toBeLessThan(by.get('recorded')?.['lossEth'] ?? 0)
    expect(by.get('guard')?.['lossEth']).toBeLessThan(by.get('asked')?.['lossEth'] ?? 0)
    // The table against the record stays the record's, whatever is asked.
    expect(run.figures.find(({ id }) => id === 'oracleRun')?.verdict).toBe('met')
  })

  it('refuses what it does not have, all at once', () => {
    expect(() => runIncident('2019-01-01')).toThrow(/no incident '2019-01-01'/)
    expect(() => incidentOf('')).toThrow(/no incident/)
    expect(() => runIncident('wsteth-cap', { change: { guard: 2, what: 1 } })).toThrow(
      /guard lies between 0 and 1.*no 'what'/,
    )
    expect(() => runIncident('black-thursday', { change: { mechanism: 'none' } })).toThrow(
      /one of maker-flip, maker-clip/,
    )
  })

  it('without its data says which file it needs instead of a number', () => {
    const run = runIncident('2025-10-10-adl-waves', { counterfactuals: false })
    expect(run.missing).toEqual(incidentOf('2025-10-10-adl-waves').files)
    expect(new Set(run.figures.map(({ verdict }) => verdict))).toEqual(new Set(['needs-data']))
  })
})

afterAll(() => {
  process.stdout.write(`\n${tableOf(rows.map(printed))}\n\n`)
})
