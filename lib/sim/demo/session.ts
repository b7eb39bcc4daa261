/** A whole demo session: every venue's frames in order of receipt, with throttles, latencies, bursts, outages and a crash. */
import { HOUR, type Instruments, MINUTE, type Prng, prng, SECOND, type UnixMs } from '../../model/index.ts'
import { DEMO_VOICES, type DemoVoice } from './frames.ts'
import { DEMO_COLLATERAL, demoLoanLog } from './loans.ts'
import { type DemoLiquidation, type DemoSecond, demoMarket } from './market.ts'
import { demoPressure } from './pressure.ts'

/** What the road of real frames would have been given: a frame, or word that a venue was not heard. */
export type DemoItem =
  | {
      readonly kind: 'frame'
      readonly venue: string
      readonly connection: string
      readonly received: UnixMs
      readonly text: string
    }
  | {
      readonly kind: 'gap'
      readonly venue: string
      readonly connection: string
      readonly from: UnixMs
      readonly to: UnixMs
      readonly why: string
    }

/** A session from `from` on; the crash begins `crashAfterMs` later. Same seed and times, same items. */
export type DemoOptions = {
  readonly seed: string | number
  readonly from: UnixMs
  readonly crashAfterMs?: number | undefined
}

type Outage = { readonly from: UnixMs; readonly to: UnixMs; readonly why: string }
type Voice = { readonly voice: DemoVoice; readonly random: Prng; readonly outages: Generator<Outage>; outage: Outage }

const CRASH_AFTER = 21 * HOUR
/** Loans are liquidated with about this part of the perps' dollars in ETH and BTC longs. */
const LOAN_SHARE = 0.05
const OUTAGE_EVERY = 7 * HOUR

/** Every venue id the demo speaks for. */
export const DEMO_VENUES: readonly string[] = [...DEMO_VOICES.map((voice) => voice.venue), 'aave-v3']

/** Items in order of receipt (gap items when the outage ends), without end: take until you have enough. */
export function* demoSession({ seed, from, crashAfterMs = CRASH_AFTER }: DemoOptions): Generator<DemoItem> {
  const crashAt = (from + crashAfterMs) as UnixMs
  const root = prng(seed).fork('demo/session')
  const assign = root.fork('assign')
  const loans = root.fork('loans')
  const voices = DEMO_VOICES.map((voice): Voice => {
    const outages = planOutages(voice.venue, root.fork(`outages/${voice.venue}`), from, crashAt)
    return { voice, random: root.fork(`latency/${voice.venue}`), outages, outage: outages.next().value as Outage }
  })
  let items: DemoItem[] = []
  for (const second of demoMarket(seed, from, crashAt)) {
    const dealt = deal(second.liquidations, assign)
    voices.forEach((state, index) => {
      speak(state, dealt[index] as DemoLiquidation[], second, items)
    })
    items.push(...demoLoans(second, loans))
    if ((second.time - from) % MINUTE === 0) items.push(...heard(demoPressure(second, from), voices))
    // Latencies differ: what is not due yet waits for its second, so that receipt never runs backwards.
    items.sort((a, b) => receivedAt(a) - receivedAt(b))
    const due = items.findIndex((item) => receivedAt(item) > second.time)
    yield* due < 0 ? items : items.slice(0, due)
    items = due < 0 ? [] : items.slice(due)
  }
}

/** The contract list of a demo venue, as its metadata would say it. */
export function demoInstruments(venue: string): Instruments {
  const voice = DEMO_VOICES.find((candidate) => candidate.venue === venue)
  if (!voice) return new Map()
  const coins = voice.coins === 'all' ? ['BTC', 'ETH', 'SOL', 'XRP', 'DOGE', 'HYPE'] : voice.coins
  return new Map(coins.map((coin) => [voice.instrument(coin).symbol, voice.instrument(coin)]))
}

/** When an item reaches us: a frame's receipt, a gap's end. */
export function receivedAt(item: DemoItem): UnixMs {
  return item.kind === 'frame' ? item.received : item.to
}

/** Which venue each order happened on, by the venues' shares. */
function deal(orders: readonly DemoLiquidation[], random: Prng): DemoLiquidation[][] {
  const dealt = DEMO_VOICES.map((): DemoLiquidation[] => [])
  for (const order of orders) {
    let rest = random.next()
    const index = DEMO_VOICES.findIndex((voice) => {
      rest -= voice.share
      return rest < 0
    })
    const voice = DEMO_VOICES[index] ?? DEMO_VOICES[0]
    const listed = voice && (voice.coins === 'all' || voice.coins.includes(order.coin.coin))
    dealt[listed && index >= 0 ? index : 0]?.push(order)
  }
  return dealt
}

function speak(state: Voice, orders: DemoLiquidation[], second: DemoSecond, into: DemoItem[]): void {
  const { voice, random } = state
  const at = (second.time + SECOND) as UnixMs
  if (second.time >= state.outage.to) {
    const { from, to, why } = state.outage
    into.push({ kind: 'gap', venue: voice.venue, connection: voice.connection, from, to, why })
    state.outage = state.outages.next().value as Outage
  }
  if (orders.length === 0 || deaf(state, second.time)) return
  for (const text of voice.frames(throttle(orders, voice.keep), at, voice.instrument)) {
    const received = (at + 20 + Math.floor(random.exponential(60))) as UnixMs
    into.push({ kind: 'frame', venue: voice.venue, connection: voice.connection, received, text })
  }
}

function deaf(state: Voice, time: UnixMs): boolean {
  return time >= state.outage.from && time < state.outage.to
}

function heard(items: readonly DemoItem[], voices: readonly Voice[]): DemoItem[] {
  return items.filter(
    (item) => !voices.some((state) => state.voice.venue === item.venue && deaf(state, receivedAt(item))),
  )
}

/** What a venue's throttle lets through of one second's orders. */
function throttle(orders: DemoLiquidation[], keep: DemoVoice['keep']): DemoLiquidation[] {
  if (keep === 'all') return orders
  const kept = new Map<string, DemoLiquidation>()
  for (const order of orders) {
    const scope = keep === 'largest-per-side' ? `${order.coin.coin}/${order.side}` : order.coin.coin
    const before = kept.get(scope)
    if (!before || keep === 'latest' || order.usd > before.usd) kept.set(scope, order)
  }
  return [...kept.values()]
}

function demoLoans(second: DemoSecond, random: Prng): DemoItem[] {
  const items: DemoItem[] = []
  for (const order of second.liquidations) {
    const index = DEMO_COLLATERAL.indexOf(order.coin.coin)
    if (index < 0 || order.side !== 'long' || random.next() > LOAN_SHARE) continue
    const text = demoLoanLog(
      index,
      order.usd * (1 + 4 * random.next()),
      order.price,
      order.time,
      items.length + random.int(300),
      random,
    )
    const received = (second.time + 12 * SECOND + random.int(2_000)) as UnixMs
    items.push({ kind: 'frame', venue: 'aave-v3', connection: 'logs-ethereum', received, text })
  }
  return items
}

/** Outages of a venue: now and then a short one, and on the two largest venues one inside the crash, as in real crashes. */
function* planOutages(venue: string, random: Prng, from: UnixMs, crashAt: UnixMs): Generator<Outage> {
  let time = from as number
  const crash: Record<string, Outage> = {
    okx: {
      from: (crashAt + 17 * MINUTE) as UnixMs,
      to: (crashAt + 17 * MINUTE + 44 * SECOND) as UnixMs,
      why: 'connection lost',
    },
    'binance-um': {
      from: (crashAt + 21 * MINUTE) as UnixMs,
      to: (crashAt + 21 * MINUTE + 32 * SECOND) as UnixMs,
      why: 'reconnect',
    },
  }
  let pending = crash[venue]
  for (;;) {
    const start = (time + Math.floor(random.exponential(OUTAGE_EVERY))) as UnixMs
    const stop = (start + 8 * SECOND + random.int(70) * SECOND) as UnixMs
    if (pending && stop + MINUTE > pending.from) {
      yield pending
      time = pending.to + MINUTE
      pending = undefined
    }
    if (start >= time) {
      yield { from: start, to: stop, why: random.pick(['reconnect', 'connection lost', 'no answer to ping']) }
      time = stop + MINUTE
    }
  }
}
