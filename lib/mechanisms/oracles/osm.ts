/**
 * Maker's Oracle Security Module: prices wait one hop (an hour) in a queue before they count, so everybody sees the next liquidation price
 * ahead, and governance can stop a wrong one. Source: makerdao/osm `src/osm.sol` (`poke`, `peek`, `peep`, `pass`, `stop`, `void`).
 */
import { breakwaterError, type UnixSeconds } from '../../model/index.ts'
import { checkedParameter, checkedTime, checkedTruth, type Oracle, readingOf } from './oracle.ts'

/** An hour in seconds: the contract's own hop. */
export const OSM_HOP = 3_600

/** The price in force and the next one (`undefined`: none), the start of the hop of the last poke (`zzz`), and whether pokes are stopped. */
export type OsmState = {
  readonly current: bigint | undefined
  readonly next: bigint | undefined
  readonly poked: UnixSeconds
  readonly seen: UnixSeconds
  readonly stopped: boolean
}

/** An OSM that somebody pokes whenever it may be poked. It starts as after two pokes at the same price. */
export function osm(hop: number = OSM_HOP): Oracle<OsmState> {
  const seconds = checkedParameter('hop', hop, 1)
  return {
    id: 'osm',
    start(truth, time) {
      const price = checkedTruth('osm', truth)
      return { current: price, next: price, poked: hopStart(time, seconds), seen: time, stopped: false }
    },
    step(state, truth, time) {
      const seen = { ...state, seen: checkedTime('osm', state.seen, time) }
      const price = checkedTruth('osm', truth)
      return state.stopped || !osmPasses(state, time, seconds) ? seen : osmPoke(seen, price, time, seconds)
    },
    read({ current, poked }, time) {
      return current === undefined ? undefined : readingOf(current, poked, time)
    },
  }
}

const hopStart = (time: UnixSeconds, hop: number) => (time - (time % hop)) as UnixSeconds

/** True when a poke is allowed: a whole hop after the start of the hop of the last one. */
export function osmPasses({ poked }: OsmState, time: UnixSeconds, hop: number = OSM_HOP): boolean {
  return time >= poked + hop
}

/** Moves the queue. Throws `bad-state` with the contract's word when it is stopped or too early. */
export function osmPoke(state: OsmState, price: bigint, time: UnixSeconds, hop: number = OSM_HOP): OsmState {
  if (state.stopped) throw breakwaterError('bad-state', 'OSM/is-stopped', { time })
  if (!osmPasses(state, time, hop))
    throw breakwaterError('bad-state', 'OSM/not-passed', { time, poked: state.poked, hop })
  return { ...state, current: state.next, next: price, poked: hopStart(time, hop), seen: time }
}

/** The price of the next hop, which anyone may look up now; `undefined` when there is none. */
export function osmPeep(state: OsmState): bigint | undefined {
  return state.next
}

/** Freezes the queue: the price in force stays until it is started again. */
export function osmStop(state: OsmState): OsmState {
  return { ...state, stopped: true }
}

/** Lets pokes in again. */
export function osmStart(state: OsmState): OsmState {
  return { ...state, stopped: false }
}

/** Throws both prices away and stops: no price is in force afterwards. */
export function osmVoid(state: OsmState): OsmState {
  return { ...state, current: undefined, next: undefined, stopped: true }
}
