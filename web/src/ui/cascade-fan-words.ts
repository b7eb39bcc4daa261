/** The fan of the cascade lab in words. */
import { formatCount, formatNumber, formatUsd } from '../../../lib/analytics/index.ts'
import type { Fan } from '../data/cascade-paths.ts'
import { moved } from './cascade-words.ts'

/** The fan in a sentence. */
export function fanSentence({ coin, columns, paths, forcedUsd, badDebt }: Fan, start: number): string {
  const last = columns[columns.length - 1]
  if (!last) return ''
  const at = (share: number) => moved(last.price[share] as number, start)
  const of = (spread: Fan['forcedUsd'], share: number) => spread.quantiles[share]?.value ?? 0
  return `⊢ ${coin} after ${formatNumber(last.hours, 3)} h: median ${at(2)} [${at(0)} … ${at(4)}], forced ${formatUsd(of(forcedUsd, 2))} [${formatUsd(of(forcedUsd, 0))} … ${formatUsd(of(forcedUsd, 4))}], bad debt before any fund ${formatUsd(of(badDebt, 2))} [… ${formatUsd(of(badDebt, 4))}], over ${formatCount(paths)} paths.`
}
