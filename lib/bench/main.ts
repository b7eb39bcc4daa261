/** `npm run bench -- [decode] [store] [fanout] [book] [screen] [venue] [lending] [cascade] [llamma]`: each workload against a bound or peer of the same run; ratios, not absolute times, are what to compare. */
import { benchBook } from './book.ts'
import { benchCascade } from './cascade.ts'
import { benchDecode } from './decode.ts'
import { benchFanout } from './fanout.ts'
import { benchLending } from './lending.ts'
import { benchLlamma } from './llamma.ts'
import type { BenchRow } from './row.ts'
import { benchScreen } from './screen.ts'
import { benchStore } from './store.ts'
import { benchVenue } from './venue.ts'

const WORKLOADS: Readonly<Record<string, () => Promise<readonly BenchRow[]>>> = {
  decode: benchDecode,
  store: benchStore,
  fanout: benchFanout,
  book: benchBook,
  screen: benchScreen,
  lending: benchLending,
  cascade: benchCascade,
  llamma: benchLlamma,
  venue: benchVenue,
}
/** Words of the task list that mean one of the workloads. */
const ALIASES: Readonly<Record<string, string>> = { ingest: 'decode,store', query: 'store' }

const words = process.argv
  .slice(2)
  .filter((word, index, all) => !word.startsWith('--') && !all[index - 1]?.startsWith('--'))
const chosen = new Set(
  (words.length > 0 ? words : Object.keys(WORKLOADS)).flatMap((word) => (ALIASES[word] ?? word).split(',')),
)
const unknown = [...chosen].filter((word) => !(word in WORKLOADS))
if (unknown.length > 0) {
  process.stderr.write(
    `unknown workload ${unknown.join(', ')}; there are ${[...Object.keys(WORKLOADS), ...Object.keys(ALIASES)].join(', ')}\n`,
  )
  process.exit(2)
}

for (const word of chosen) {
  process.stdout.write(`\n${word}\n`)
  for (const row of (await WORKLOADS[word]?.()) ?? []) process.stdout.write(`${lineOf(row)}\n`)
}
process.exit(0)

function lineOf({ workload, value, unit, against, ratio, goal }: BenchRow): string {
  const amount = value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))
  return `  ${workload.padEnd(44)} ${amount.padStart(12)} ${unit.padEnd(10)} ${ratio === undefined ? '' : `ratio ${ratio.toPrecision(3)} `}against ${against}${goal ? `  (goal ${goal})` : ''}`
}
