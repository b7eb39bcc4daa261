/** A process that writes batches to an embedded store for ever and says after each which one is acknowledged. It is there to be killed. */
import { prng } from '../model/index.ts'
import { embeddedStore } from '../store/index.ts'
import { randomLiquidation } from '../store/sample.ts'

const [directory, first] = process.argv.slice(2) as [string, string]
const store = await embeddedStore(directory)
for (let batch = Number(first); ; batch++) {
  const random = prng(`kill/${batch}`)
  const events = Array.from({ length: 50 }, (_, i) => randomLiquidation(random, `${batch}/${i}`, 'kill'))
  // Every third batch withdraws an event of the one before it.
  if (batch % 3 === 2) {
    const { venue, time, received, source } = events[0] as (typeof events)[number]
    const of = `${batch - 1}/7`
    events.push({ id: `${of}/r`, venue, time, received, source, type: 'retraction', of, why: 'reorganised' })
  }
  await store.append(events)
  process.stdout.write(`${batch}\n`)
}
