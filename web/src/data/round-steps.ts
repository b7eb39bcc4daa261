/** Round numbers between two, and where a path passes them: marks of an axis. */

/** Round values between two, about `count` of them. */
export function niceSteps(from: number, to: number, count: number): number[] {
  const raw = (to - from) / count
  if (!(raw > 0) || !Number.isFinite(raw)) return []
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = ([1, 2, 2.5, 5, 10].find((part) => part * power >= raw) ?? 10) * power
  const first = Math.ceil(from / step)
  const last = Math.floor(to / step)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  )
}

/** Where a path of values, its places told beside them, passes round values: on the way down and on the way up again. */
export function roundPlaces(values: readonly number[], along: readonly number[], count = 8) {
  const round = niceSteps(Math.min(...values), Math.max(...values), count)
  return values.slice(1).flatMap((next, step) => {
    const value = values[step] as number
    if (next === value) return []
    const [from, to] = [along[step] as number, along[step + 1] as number]
    const passed = round.filter((one) => (value - one) * (next - one) < 0 || one === value)
    return passed.map((one) => ({ at: from + ((one - value) / (next - value)) * (to - from), value: one }))
  })
}
