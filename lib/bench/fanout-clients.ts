/** The other side of the fan-out bench, in a process of its own: many stream clients that time every event of every batch. */
import { WebSocket } from 'ws'

/** What the parent asks for. */
export type FanoutTask = { readonly url: string; readonly clients: number; readonly subscribe: string | undefined }
/** What it gets back: `ready` once all are connected; then, when told to stop, the sums. Latencies are whole ms, index = ms. */
export type FanoutResult = {
  readonly events: number
  readonly bytes: number
  readonly histogram: readonly number[]
  readonly told: { readonly dropped: number; readonly reset: number }
}

const LONGEST = 60_000
const histogram = new Uint32Array(LONGEST + 1)
const told = { dropped: 0, reset: 0 }
const timesOfBatch = new Map<string, readonly number[]>()
let events = 0
let bytes = 0

process.on('message', (message: FanoutTask | 'measure' | 'stop') => {
  if (message === 'measure') {
    histogram.fill(0)
    events = 0
    bytes = 0
  } else if (message === 'stop') {
    const result: FanoutResult = { events, bytes, histogram: [...histogram], told }
    process.send?.(result, () => process.exit(0))
  } else void open(message)
})

async function open({ url, clients, subscribe }: FanoutTask): Promise<void> {
  for (let begun = 0; begun < clients; begun += 50) {
    const some = Array.from({ length: Math.min(50, clients - begun) }, () => connect(url, subscribe))
    await Promise.all(some)
  }
  process.send?.('ready')
}

function connect(url: string, subscribe: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true })
    socket.on('error', reject)
    socket.on('open', () => {
      if (subscribe) socket.send(subscribe)
      else resolve()
    })
    socket.on('message', (data: Buffer) => {
      heard(data)
      resolve()
    })
  })
}

/** Every client gets the same batches, so each is parsed once; what is timed is each arrival of each event. */
function heard(data: Buffer): void {
  const now = Date.now()
  const head = data.toString('latin1', 0, 80)
  bytes += data.length
  if (head.includes('"dropped":')) told.dropped++
  if (head.includes('"reset":')) told.reset++
  const key = /"seq":\d+,"sent":\d+/.exec(head)?.[0]
  if (key === undefined) return
  let times = timesOfBatch.get(key)
  if (!times) {
    const { data: batch } = JSON.parse(data.toString()) as { data: { received: number }[] }
    times = batch.map(({ received }) => received)
    timesOfBatch.set(key, times)
    if (timesOfBatch.size > 2_000) timesOfBatch.delete(timesOfBatch.keys().next().value as string)
  }
  events += times.length
  for (const time of times) {
    const late = Math.min(Math.max(now - time, 0), LONGEST)
    histogram[late] = (histogram[late] as number) + 1
  }
}
