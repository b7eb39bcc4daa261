/** Words that change with every move of a slider, and an address that follows when the hand rests: browsers limit how often it may change. */
import { createEffect, createSignal, on, onCleanup } from 'solid-js'

/** Words of an address by their names. */
type Words = Readonly<Record<string, string>>

/** The address follows so long after the last move, ms. */
const REST_MS = 250

/** Opens a draft over the words of the address. `follow` writes them there. */
export function createDraft<W extends Words>(address: () => W, follow: (words: W) => void) {
  const [words, setWords] = createSignal<W>(address(), { equals: sameWords })
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
  const change = (patch: Partial<W>, done: boolean) => {
    setWords((last) => ({ ...last, ...patch }) as W)
    clearTimeout(timer)
    timer = undefined
    if (done) write()
    else timer = setTimeout(write, REST_MS)
  }
  return { words, change }
}

/** True for the same words in every field. */
export function sameWords(a: Words, b: Words): boolean {
  return Object.keys({ ...a, ...b }).every((field) => a[field] === b[field])
}
