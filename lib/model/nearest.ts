/** The known word that a mistyped one was meant to be. */

/** `; did you mean …?` for a word that is nearly another, else nothing. */
export function nearest(word: string, words: readonly string[]): string {
  const scored = words.map((one) => ({ one, away: distance(word.toLowerCase(), one.toLowerCase()) }))
  const best = scored.sort((a, b) => a.away - b.away)[0]
  return best && best.one !== word && best.away <= Math.max(1, Math.ceil(word.length / 3))
    ? `; did you mean ${best.one}?`
    : ''
}

/** Changes of one letter between two words (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min(
          (next[j - 1] as number) + 1,
          (row[j] as number) + 1,
          (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      )
    row = next
  }
  return row[b.length] as number
}
