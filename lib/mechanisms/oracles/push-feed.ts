/**
 * A push feed (Chainlink's kind): a new round when the price has moved by the deviation or the last round is as old as the heartbeat; the
 * round lands some seconds later. Between rounds the answer stands still, so a healthy feed lags by up to its band.
 * Source: Chainlink documentation, "decentralized data model" (deviation threshold, heartbeat); the reference, C.3, for typical values.
 */
import type { UnixSeconds } from '../../model/index.ts'
import { checkedParameter, checkedTime, checkedTruth, type Oracle, readingOf } from './oracle.ts'

/** `deviationBps`: least change that starts a round, basis points of the last answer; `heartbeat` and `landing` in seconds. */
export type PushFeedRule = {
  readonly deviationBps: number
  readonly heartbeat: number
  readonly landing?: number | undefined
}

/** The last round, the one on its way, and when the feed last looked. Rounds count from 1. */
export type PushFeedState = {
  readonly round: number
  readonly answer: bigint
  readonly updated: UnixSeconds
  readonly coming?: { readonly answer: bigint; readonly lands: UnixSeconds } | undefined
  readonly seen: UnixSeconds
}

/** Rules of feeds on Ethereum as the reference collects them (C.3): basis points and seconds. */
export const PUSH_FEED_RULES = {
  'ETH/USD': { deviationBps: 50, heartbeat: 3_600 },
  'BTC/USD': { deviationBps: 50, heartbeat: 3_600 },
  'USDC/USD': { deviationBps: 25, heartbeat: 86_400 },
  'USDT/USD': { deviationBps: 25, heartbeat: 86_400 },
  'cbBTC/USD': { deviationBps: 200, heartbeat: 86_400 },
} as const satisfies Readonly<Record<string, PushFeedRule>>

/** A push feed by its rule. A round carries the price at which it started; while one is on its way no other starts. */
export function pushFeed(rule: PushFeedRule): Oracle<PushFeedState> {
  const deviation = BigInt(Math.round(checkedParameter('deviationBps', rule.deviationBps, 0, 10_000) * 1_000))
  const heartbeat = checkedParameter('heartbeat', rule.heartbeat, 1)
  const landing = checkedParameter('landing', rule.landing ?? 0, 0)
  return {
    id: 'push-feed',
    start: (truth, time) => ({ round: 1, answer: checkedTruth('push-feed', truth), updated: time, seen: time }),
    step(before, truth, time) {
      const price = checkedTruth('push-feed', truth)
      const state = landed(before, checkedTime('push-feed', before.seen, time))
      const moved = state.answer > price ? state.answer - price : price - state.answer
      const due = moved * 10_000_000n >= deviation * state.answer || time - state.updated >= heartbeat
      if (state.coming || !due) return state
      return landed({ ...state, coming: { answer: price, lands: (time + landing) as UnixSeconds } }, time)
    },
    read(state, time) {
      const { answer, updated } = landed(state, time)
      return readingOf(answer, updated, time)
    },
  }
}

function landed(state: PushFeedState, time: UnixSeconds): PushFeedState {
  const { coming, round } = state
  if (!coming || coming.lands > time) return { ...state, seen: time }
  return { round: round + 1, answer: coming.answer, updated: coming.lands, seen: time }
}
