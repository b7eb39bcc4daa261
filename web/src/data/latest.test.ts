import { expect, it } from 'vitest'
import { takeTurns } from './latest.ts'

it('lets only the newest asking count, whatever the order of the answers', async () => {
  const turns = takeTurns()
  const shown: string[] = []
  const answers = new Map<string, () => void>()
  const load = async (name: string) => {
    const turn = turns.begin()
    await new Promise<void>((answer) => answers.set(name, answer))
    if (turn.counts()) shown.push(name)
    turn.done()
  }
  const asked = [load('old'), load('new')]
  answers.get('new')?.()
  await asked[1]
  // The newest is over: nothing is under way, and what comes later still does not count.
  expect(turns.busy()).toBe(false)
  answers.get('old')?.()
  await Promise.all(asked)
  expect(shown).toEqual(['new'])
})

it('tells an asking that it was overtaken or stopped', () => {
  const turns = takeTurns()
  const first = turns.begin()
  const second = turns.begin()
  expect([first.signal.aborted, first.counts(), second.signal.aborted, second.counts()]).toEqual([
    true,
    false,
    false,
    true,
  ])
  first.done()
  expect(turns.busy()).toBe(true)
  turns.stop()
  expect([second.signal.aborted, second.counts(), turns.busy()]).toEqual([true, false, false])
})
