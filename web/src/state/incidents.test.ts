import { describe, expect, it } from 'vitest'
import { incidentOf } from '../../../lib/sim/index.ts'
import { changesOf, changesWord, INCIDENT_WORDS, incidentAddress, incidentCommand, incidentWords } from './incidents.ts'

describe('the address of an incident', () => {
  it('leaves out what is the default, and comes back the same', () => {
    expect(incidentAddress(INCIDENT_WORDS)).toEqual({})
    const words = { id: '2020-03-12-black-thursday', with: 'mechanism=maker-clip', seed: '3' }
    expect(incidentWords(incidentAddress(words))).toEqual(words)
    expect(incidentWords({ id: 'nothing', with: 'a=1' })).toEqual({ ...INCIDENT_WORDS, with: 'a=1' })
  })

  it('writes changed rules as words, and the command of the same run', () => {
    const incident = incidentOf('2026-03-10-wsteth-cap')
    expect(changesWord(incident, { guard: 0.02, gap: 0.0285, bonus: '0' })).toBe('guard=0.02,bonus=0')
    expect(changesOf('guard=0.02, bonus=0,,=')).toEqual({ guard: '0.02', bonus: '0' })
    expect(incidentCommand({ id: incident.id, with: 'guard=0.02', seed: '4' })).toBe(
      'breakwater incident run 2026-03-10-wsteth-cap --with guard=0.02 --seed 4',
    )
  })
})
