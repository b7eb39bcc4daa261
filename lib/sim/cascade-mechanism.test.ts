import { describe, expect, it } from 'vitest'
import {
  blackThursdayClipper,
  liquidationPrice,
  type MakerClipState,
  maintenanceAt,
  makerClip,
  type PerpContract,
  type PerpPosition,
  singleTier,
  unrealisedAt,
  wasRefused,
} from '../mechanisms/index.ts'
import { type FeedAnswer, fixedToNumber, type Moment, type Prng, prng, type UnixSeconds } from '../model/index.ts'
import { type CascadeLevel, cascade, cascadeSide } from './cascade.ts'
import { exponentialImpact, type Impact, linearImpact, squareRootImpact } from './impact.ts'

const [WAD, RAY, RAD] = [10n ** 18n, 10n ** 27n, 10n ** 45n]
const START = 1_700_000_000

/** Vaults of whole ETH at 150 %, none unsafe at 2,000. */
function vaults(chance: Prng, count: number): MakerClipState {
  const ilk = {
    ...{ gem: 'ETH', feed: 'eth', mat: (RAY * 3n) / 2n, line: 10n ** 9n * RAD, dust: 0n, duty: RAY },
    ...{ Art: 0n, rate: RAY, rho: BigInt(START) },
  }
  const state: MakerClipState = {
    vat: {
      ...{ par: RAY, base: 0n, Line: 10n ** 9n * RAD, urns: new Map(), gem: new Map(), dai: new Map(), debt: 0n },
      ilks: new Map([['ETH-A', ilk]]),
      vow: { wait: 0n, dai: 0n, sin: 0n, queued: 0n, queue: new Map() },
    },
    dog: { Hole: 10n ** 9n * RAD, Dirt: 0n },
    clippers: new Map([['ETH-A', { ...blackThursdayClipper(), hole: 10n ** 9n * RAD }]]),
    sales: new Map(),
  }
  for (let at = 0; at < count; at++) {
    const account = `vault ${at}`
    const ink = BigInt(1 + chance.int(400)) * WAD
    const art = (ink * BigInt(Math.floor(1e9 * (0.55 + 0.44 * chance.next())) * 2)) / (3n * 10n ** 9n)
    const done = makerClip.apply(
      state,
      { do: 'frob', ilk: 'ETH-A', account, dink: ink, dart: art * 2000n },
      marked(2000),
    )
    if (wasRefused(done)) throw new Error(done.refused.code)
  }
  return state
}

/** The price as the feed says it: 18 decimals, every bit of the float. */
function marked(price: number): Moment {
  const answer = (BigInt(Math.round(price * 2 ** 40)) * WAD) / 2n ** 40n
  return { time: START as UnixSeconds, price: () => answer as FeedAnswer }
}

/** Barks at everything that the mechanism calls unsafe, sells what was taken, and looks again, until nothing is unsafe. */
function runMaker(state: MakerClipState, impact: Impact, external: number) {
  const rounds: { price: number; sold: number }[] = []
  let [price, sold] = [external, 0]
  for (;;) {
    const at = marked(price)
    const unsafe = [...makerClip.targets(state)].filter(
      (target) => target.includes('/') && makerClip.assess(state, target, at)?.liquidatable,
    )
    if (unsafe.length === 0) return { price, sold, rounds }
    for (const target of unsafe) {
      const [ilk, account] = target.split('/') as [string, string]
      const done = makerClip.apply(state, { do: 'bark', ilk, account }, at)
      if (wasRefused(done)) throw new Error(done.refused.code)
      sold += fixedToNumber(done.moved?.['dink'] as bigint, 18)
    }
    price = impact.price(external, 'sell', sold)
    rounds.push({ price, sold })
  }
}

/** The level of each vault: where the mechanism's verdict turns, found by halving on the feed's own prices. */
function makerLevels(state: MakerClipState): CascadeLevel[] {
  return [...makerClip.targets(state)].map((target) => {
    let [unsafe, safe] = [1, 2000]
    while (safe - unsafe > 1e-10 * safe) {
      const middle = (unsafe + safe) / 2
      if (makerClip.assess(state, target, marked(middle))?.liquidatable) unsafe = middle
      else safe = middle
    }
    const ink = state.vat.urns.get('ETH-A')?.get(target.split('/')[1] as string)?.ink as bigint
    return { side: 'long', price: unsafe, quantity: fixedToNumber(ink, 18), id: target }
  })
}

describe('the cascade core against full mechanisms, impact being the only coupling', () => {
  it('sells the same coins in the same rounds at the same prices as Maker’s vaults that are barked at', () => {
    const chance = prng('core against maker')
    let rounds = 0
    for (let world = 0; world < 40; world++) {
      const state = vaults(chance, 25)
      const impact = chance.pick([
        linearImpact(0.15),
        exponentialImpact(8e-5),
        squareRootImpact({ y: 1, dailyVolatility: 0.06, dailyVolume: 3000 }),
      ])
      const external = 2000 * (0.8 + 0.15 * chance.next())
      const core = cascade(cascadeSide(makerLevels(state), 'long'), impact, external)
      const full = runMaker(state, impact, external)
      expect([full.price, full.sold]).toEqual([core.price, core.quantity])
      expect(full.rounds.map(({ price }) => price)).toEqual(core.rounds.map(({ after }) => after))
      rounds += full.rounds.length
    }
    expect(rounds).toBeGreaterThan(80)
  })

  it('closes the same perp positions as equity and maintenance margin do, longs and shorts', () => {
    const chance = prng('core against perps')
    const contract: PerpContract = { payoff: 'linear', maintenance: { kind: 'tiers', table: singleTier(0.005) } }
    let closed = 0
    for (let world = 0; world < 200; world++) {
      const side = world % 2 === 0 ? 'long' : 'short'
      const sign = side === 'long' ? -1 : 1
      const held = Array.from({ length: 40 }, () => {
        const position: PerpPosition = {
          side,
          size: 1 + chance.int(50),
          entryPrice: 100 * (1 + 0.03 * chance.normal()),
        }
        return { position, margin: (position.size * position.entryPrice) / (3 + 40 * chance.next()) }
      })
      const safe = held.filter(({ position, margin }) => !isBelow(contract, position, margin, 100))
      const levels = safe.map(({ position, margin }) => {
        const found = liquidationPrice(contract, position, { margin })
        return { side, price: found?.price ?? 1e-9, quantity: position.size } as CascadeLevel
      })
      const impact = chance.pick([linearImpact(0.02), exponentialImpact(1e-4)])
      const external = 100 * (1 + sign * 0.06 * chance.next())
      const core = cascade(cascadeSide(levels, side), impact, external)
      const full = runPerps(contract, safe, impact, { external, side })
      expect([full.price, full.closed, full.size]).toEqual([core.price, core.fired, core.quantity])
      closed += full.closed
    }
    expect(closed).toBeGreaterThan(800)
  })
})

type Held = { readonly position: PerpPosition; readonly margin: number }

function isBelow(contract: PerpContract, position: PerpPosition, margin: number, price: number): boolean {
  return margin + unrealisedAt(contract, position, price) < maintenanceAt(contract, position, price).margin
}

function runPerps(
  contract: PerpContract,
  held: readonly Held[],
  impact: Impact,
  { external, side }: { readonly external: number; readonly side: 'long' | 'short' },
) {
  let [price, size, closed, open] = [external, 0, 0, held]
  for (;;) {
    const at = price
    const below = open.filter(({ position, margin }) => isBelow(contract, position, margin, at))
    if (below.length === 0) return { price, size, closed }
    open = open.filter((one) => !below.includes(one))
    closed += below.length
    size += below.reduce((sum, { position }) => sum + position.size, 0)
    price = impact.price(external, side === 'long' ? 'sell' : 'buy', size)
  }
}
