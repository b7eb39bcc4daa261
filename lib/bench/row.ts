/** One line of a benchmark's result: a measured number beside the peer or bound measured in the same run. */

/** `ratio` = `value` / the number that `against` names; `goal` in words, where one was set. */
export type BenchRow = {
  readonly workload: string
  readonly value: number
  readonly unit: string
  readonly against: string
  readonly ratio: number | undefined
  readonly goal?: string | undefined
}
