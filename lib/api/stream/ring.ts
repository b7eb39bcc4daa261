/** A bounded memory of the newest items of one topic, numbered without holes, from which a client can resume. */

/** One serialised item of a topic and the value that filters look at. */
export type Item<V> = { readonly seq: number; readonly text: string; readonly value: V }

/** The newest items of a topic. The oldest go first, by count or by characters. */
export type Ring<V> = {
  /** The number of the newest item; before the first one, the number before it. */
  newest(): number
  /** The number of the oldest item still here; `newest() + 1` when there is none. */
  oldest(): number
  push(text: string, value: V): void
  /** The items with `after` < seq ≤ `upTo`, oldest first, as far as they are still here. */
  between(after: number, upTo: number): Iterable<Item<V>>
}

/** A ring whose first item gets the number `start + 1`. */
export function ring<V>(start: number, limits: { readonly items: number; readonly characters: number }): Ring<V> {
  const slots: (Item<V> | undefined)[] = new Array(limits.items)
  let newest = start
  let count = 0
  let characters = 0
  const slotOf = (seq: number) => seq % limits.items
  const oldest = () => newest - count + 1
  const dropOldest = () => {
    const slot = slotOf(oldest())
    characters -= slots[slot]?.text.length ?? 0
    slots[slot] = undefined
    count--
  }
  return {
    newest: () => newest,
    oldest,
    push: (text, value) => {
      if (count === limits.items) dropOldest()
      newest++
      count++
      characters += text.length
      slots[slotOf(newest)] = { seq: newest, text, value }
      while (characters > limits.characters && count > 1) dropOldest()
    },
    *between(after, upTo) {
      const last = Math.min(upTo, newest)
      for (let seq = Math.max(after + 1, oldest()); seq <= last; seq++) {
        const item = slots[slotOf(seq)]
        if (item) yield item
      }
    },
  }
}
