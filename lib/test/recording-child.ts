/** A process to be killed: records numbered frames as fast as the disk takes them and prints the number of each acknowledged one. */
import { writeSync } from 'node:fs'
import { openRecorder } from '../feed/index.ts'
import type { UnixMs } from '../model/index.ts'
import { tinyFrame } from './tiny-venue.ts'

const [dataDir = '', first = '0', limit = '1000000'] = process.argv.slice(2)
const START = 1_760_000_000_000

const recorder = await openRecorder({
  dataDir,
  venue: 'tiny',
  stream: 'liquidations',
  channels: ['liquidations'],
  clock: { now: () => Date.now() as UnixMs },
  commitEveryMs: 3,
  segmentBytes: 20_000,
})
for (let n = Number(first); n < Number(limit); ) {
  const burst: Promise<unknown>[] = []
  for (let end = n + 1 + (n % 50); n < end; n++) {
    const text = tinyFrame([`e${n}`, START + n, n % 2 ? 'long' : 'short', 1 + (n % 7), 100 + (n % 13)])
    const number = n
    const acknowledged = recorder.append({ received: (START + n) as UnixMs, connection: '1', text })
    burst.push(acknowledged.then(() => say(`${number}\n`)))
  }
  await Promise.all(burst)
}
await recorder.close()

/** Writes before the process can be killed; a full pipe is waited for. */
function say(text: string): void {
  for (;;) {
    try {
      writeSync(1, text)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
}
