/** Words that change with every move of a slider, and an address that follows when the hand rests: browsers limit how often it may change. */
import { createEffect, createSignal, on, onCleanup } from 'solid-js'
import type { Field, PositionWords } from './position.ts'

/** The address follows so long after the last move, ms. */
const REST_MS = 250

/** Opens a draft over the words of the address. `follow` writes them there. */
export function createDraft(address: () => PositionWords, follow: (words: PositionWords) => void) {
  const [words, setWords] = createSignal(address(), { equals: sameWords })
  let timer: ReturnType<typeof setTimeout> | undefined
  const write = () => {
    clearTimeout(timer)
    timer = undefined
    follow(words())
  }
  // Back, forward, a link: the address leads. What the draft itself wrote is already there.
  createEffect(
    on(
      address,
      (told) => {
        if (timer === undefined) setWords(() => told)
      },
      { defer: true },
    ),
  )
  onCleanup(() => {
    if (timer !== undefined) write()
  })
  const change = (patch: Partial<PositionWords>, done: boolean) => {
    setWords((last) => ({ ...last, ...patch }))
    clearTimeout(timer)
    timer = undefined
    if (done) write()
    else timer = setTimeout(write, REST_MS)
  }
  return { words, change }
}

/** True for the same words in every field. */
export function sameWords(a: PositionWords, b: PositionWords): boolean {
  return (Object.keys(a) as Field[]).every((field) => a[field] === b[field])
}
