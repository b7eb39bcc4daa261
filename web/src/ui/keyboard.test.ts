import { describe, expect, it } from 'vitest'
import { EMPTY_VIEW } from '../state/view.ts'
import { stepped } from './keyboard.ts'

const NOW = Date.parse('2026-11-20T12:34:56Z')

describe('the time machine', () => {
  it('steps by the window, and never beyond now', () => {
    const hour = { ...EMPTY_VIEW, window: '1h' }
    expect(stepped(hour, -1, NOW)).toBe('2026-11-20T11:34Z')
    expect(stepped({ ...hour, at: '2026-11-20T10:00Z' }, 1, NOW)).toBe('2026-11-20T11:00Z')
    expect(stepped({ ...hour, at: '2026-11-20T12:00Z' }, 1, NOW)).toBeUndefined()
    expect(stepped({ ...hour, at: stepped(hour, -1, NOW) }, 1, NOW)).toBeUndefined()
  })

  it('steps by days where a day is shown', () => {
    const day = { ...EMPTY_VIEW, at: '2021-05-19' }
    expect(stepped(day, -1, NOW)).toBe('2021-05-18')
    expect(stepped(day, 1, NOW)).toBe('2021-05-20')
    expect(stepped({ ...EMPTY_VIEW, at: '2026-11-20' }, 1, NOW)).toBeUndefined()
  })
})
