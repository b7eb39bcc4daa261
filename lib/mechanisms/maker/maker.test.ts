import { describe, expect, it } from 'vitest'
import type { FeedAnswer, Moment, UnixSeconds } from '../../model/index.ts'
import { wasRefused } from '../mechanism.ts'
import { applied, MAX_UINT256 as MAX } from '../solidity.ts'
import {
  BLACK_THURSDAY,
  blackThursdayClipper,
  blackThursdayFlipper,
  blackThursdayPrice,
  impliedLots,
} from './black-thursday.ts'
import { bite } from './cat-flip.ts'
import { type MakerClipState, makerClip } from './clip.ts'
import { auctionPrice, bark, redo, take } from './dog-clip.ts'
import { type MakerFlipState, makerFlip } from './flip.ts'
import { RAY, WAD } from './scale.ts'
import { DAI, type MakerVat, makerDeficit } from './vat.ts'

const RAD = 10n ** 45n
const START = 1_584_000_000

function vat(): MakerVat {
  return {
    ...{ par: RAY, base: 0n, Line: 10n ** 9n * RAD, urns: new Map(), gem: new Map(), dai: new Map(), debt: 0n },
    ilks: new Map([
      [
        'ETH-A',
        {
          ...{ gem: 'ETH', feed: 'eth', mat: (RAY * 3n) / 2n, line: 10n ** 9n * RAD, dust: 20n * RAD, duty: RAY },
          ...{ Art: 0n, rate: RAY, rho: BigInt(START) },
        },
      ],
    ]),
    vow: { wait: 0n, dai: 0n, sin: 0n, queued: 0n, queue: new Map() },
  }
}

const moment = (time: number, price?: number): Moment => ({
  time: time as UnixSeconds,
  price: () =>
    (price === undefined ? undefined : (BigInt(Math.round(price * 100)) * WAD) / 100n) as FeedAnswer | undefined,
})
const open = { do: 'frob', ilk: 'ETH-A', account: 'ann', dink: 100n * WAD, dart: 12_000n * WAD } as const

function flipState(): MakerFlipState {
  return {
    vat: vat(),
    cat: { box: 0n, litter: 0n },
    flippers: new Map([['ETH-A', blackThursdayFlipper()]]),
    auctions: new Map(),
  }
}
function clipState(): MakerClipState {
  return {
    ...{ vat: vat(), dog: { Hole: 10n ** 8n * RAD, Dirt: 0n } },
    ...{ clippers: new Map([['ETH-A', blackThursdayClipper()]]), sales: new Map() },
  }
}
const refusal = (done: ReturnType<typeof makerFlip.apply>) => (wasRefused(done) ? done.refused.code : 'done')

describe('Black Thursday', () => {
  it('a lot that gets one bid of nothing leaves its whole debt as the deficit', () => {
    const state = flipState()
    expect(refusal(makerFlip.apply(state, open, moment(START, 200)))).toBe('done')
    expect(refusal(makerFlip.apply(state, { do: 'bite', ilk: 'ETH-A', account: 'ann' }, moment(START, 181)))).toBe(
      'Cat/not-unsafe',
    )
    const low = moment(START + 10, 130)
    expect(refusal(makerFlip.apply(state, { do: 'bite', ilk: 'ETH-A', account: 'ann' }, low))).toBe('done')
    // A lot of 50 of 100 ETH takes half of the debt.
    expect(state.vat.urns.get('ETH-A')?.get('ann')).toEqual({ ink: 50n * WAD, art: 6_000n * WAD })
    const place = { ilk: 'ETH-A', auction: '1' }
    expect(refusal(makerFlip.apply(state, { do: 'tend', ...place, guy: 'kim', bid: 1n }, low))).toBe('done')
    expect(refusal(makerFlip.apply(state, { do: 'deal', ...place }, moment(START + 600, 130)))).toBe(
      'Flipper/not-finished',
    )
    const dealt = makerFlip.apply(state, { do: 'deal', ...place }, moment(START + 611, 130))
    if (wasRefused(dealt)) throw new Error(dealt.refused.code)
    expect(dealt.facts.map(({ type }) => type)).toEqual(['auction-taken', 'bad-debt'])
    expect(makerDeficit(state.vat)).toBe(6_000n * RAD - 1n)
    const out = makerFlip.apply(state, { do: 'exit-gem', ilk: 'ETH-A', account: 'kim', wad: 50n * WAD }, low)
    expect(wasRefused(out) ? out : out.received).toEqual([{ asset: 'ETH', atoms: 50n * WAD }])
  })

  it('with competition the same lot pays its debt and gives the rest back', () => {
    const state = flipState()
    makerFlip.apply(state, open, moment(START, 200))
    makerFlip.apply(state, { do: 'bite', ilk: 'ETH-A', account: 'ann' }, moment(START, 170))
    const place = { ilk: 'ETH-A', auction: '1' }
    const tab = 6_780n * RAD
    makerFlip.apply(state, { do: 'tend', ...place, guy: 'kim', bid: 5_000n * RAD }, moment(START + 1, 170))
    makerFlip.apply(state, { do: 'tend', ...place, guy: 'lin', bid: tab }, moment(START + 2, 170))
    expect(state.vat.dai.get('kim')).toBe(5_000n * RAD)
    makerFlip.apply(state, { do: 'dent', ...place, guy: 'kim', lot: 45n * WAD }, moment(START + 3, 170))
    expect(state.vat.gem.get('ETH-A')?.get('ann')).toBe(5n * WAD)
    const dealt = makerFlip.apply(state, { do: 'deal', ...place }, moment(START + 700, 170))
    expect(wasRefused(dealt) ? dealt : dealt.facts.map(({ type }) => type)).toEqual(['auction-taken'])
    expect(makerDeficit(state.vat)).toBe(0n)
    expect(state.vat.vow.dai - state.vat.vow.sin).toBe(780n * RAD)
  })

  it('under Liquidations 2.0 the vault is taken whole and one taker pays the price of the moment', () => {
    const state = clipState()
    makerClip.apply(state, open, moment(START, 200))
    const low = moment(START + 10, 150)
    const barked = makerClip.apply(state, { do: 'bark', ilk: 'ETH-A', account: 'ann' }, low)
    // tip 300 + 0.1 % of 13,560.
    expect(wasRefused(barked) ? barked : barked.received).toEqual([{ asset: DAI, atoms: (31_356n * RAD) / 100n }])
    const [offer] = makerClip.offers(state, 'ETH-A#1', moment(START + 10 + 90 * 26, 150))
    const taken = makerClip.apply(state, offer?.action as never, moment(START + 10 + 90 * 26, 150))
    if (wasRefused(taken)) throw new Error(taken.refused.code)
    expect(state.vat.vow.dai).toBe(13_560n * RAD)
    expect(taken.facts.map(({ type }) => type)).toEqual(['auction-taken'])
    expect(state.dog.Dirt).toBe(0n)
    expect((state.vat.gem.get('ETH-A')?.get('ann') ?? 0n) > 0n).toBe(true)
  })

  it('the path falls from 195 to below 100 dollars and the quoted zero bids make about 1,300 lots at 128', () => {
    expect(blackThursdayPrice(BLACK_THURSDAY.begins - 1)).toBe(194.6)
    expect(Math.min(...BLACK_THURSDAY.ethPath.map(([, price]) => price))).toBeLessThan(100)
    expect(impliedLots(BLACK_THURSDAY, 128)).toBe(1_300)
    const times = BLACK_THURSDAY.ethPath.map(([time]) => time)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })
})

describe('the core', () => {
  it('drip makes 5 % a year of the fee per second', () => {
    const state = clipState()
    const kind = state.vat.ilks.get('ETH-A')
    if (!kind) throw new Error('no kind')
    // 1.05^(1 / (365 · 86,400)) as governance writes it.
    state.vat.ilks.set('ETH-A', { ...kind, duty: 1_000_000_001_547_125_957_863_212_448n })
    makerClip.apply(state, open, moment(START, 200))
    makerClip.apply(state, { do: 'drip', ilk: 'ETH-A' }, moment(START + 31_536_000, 200))
    const rate = state.vat.ilks.get('ETH-A')?.rate ?? 0n
    expect(Number(rate) / 1e27).toBeCloseTo(1.05, 12)
    expect(state.vat.vow.dai).toBe(12_000n * WAD * (rate - RAY))
  })

  it('answers bad input with its own word, and no price with no verdict', () => {
    const state = clipState()
    makerClip.apply(state, open, moment(START, 200))
    const bark = { do: 'bark', ilk: 'ETH-A', account: 'ann' } as const
    expect(refusal(makerClip.apply(state, bark, moment(START)))).toBe('Dog/not-unsafe')
    expect(refusal(makerClip.apply(state, bark, moment(START, 0)))).toBe('Dog/not-unsafe')
    expect(makerClip.assess(state, 'ETH-A/ann', moment(START))).toBeUndefined()
    expect(makerClip.assess(state, 'ETH-A/ann', moment(START, 0))?.liquidatable).toBe(false)
    expect(makerClip.assess(state, 'ETH-A/nobody', moment(START, 100))).toBeUndefined()
    expect(refusal(makerClip.apply(state, { ...bark, ilk: 'BAT-A' }, moment(START, 100)))).toBe('Dog/not-unsafe')
    expect(refusal(makerClip.apply(state, { ...bark, account: 'nobody' }, moment(START, 100)))).toBe('Dog/not-unsafe')
    expect(
      refusal(
        makerClip.apply(
          state,
          { do: 'frob', ilk: 'ETH-A', account: 'bob', dink: WAD, dart: 10n * WAD },
          moment(START, 100),
        ),
      ),
    ).toBe('Vat/dust')
    expect(
      refusal(makerClip.apply(state, { do: 'take', ilk: 'ETH-A', sale: '9', amt: 1n, max: RAY }, moment(START, 100))),
    ).toBe('Clipper/not-running-auction')
  })

  it('the circuit breaker stops kicks at 1, restarts at 2 and takes at 3', () => {
    const state = clipState()
    makerClip.apply(state, open, moment(START, 200))
    const stop = (level: bigint) => makerClip.apply(state, { do: 'stop', ilk: 'ETH-A', level }, moment(START, 200))
    const [bark, take] = [
      { do: 'bark', ilk: 'ETH-A', account: 'ann' },
      { do: 'take', ilk: 'ETH-A', sale: '1', amt: WAD, max: 1_000n * RAY },
    ] as const
    stop(1n)
    expect(refusal(makerClip.apply(state, bark, moment(START, 100)))).toBe('Clipper/stopped-incorrect')
    stop(0n)
    expect(refusal(makerClip.apply(state, bark, moment(START, 100)))).toBe('done')
    stop(2n)
    const late = moment(START + 9_000, 100)
    expect(refusal(makerClip.apply(state, { do: 'redo', ilk: 'ETH-A', sale: '1' }, late))).toBe(
      'Clipper/stopped-incorrect',
    )
    expect(refusal(makerClip.apply(structuredClone(state), take, moment(START + 90, 100)))).toBe('done')
    stop(3n)
    expect(refusal(makerClip.apply(state, take, moment(START + 90, 100)))).toBe('Clipper/stopped-incorrect')
  })
})

describe('what reverts without data', () => {
  const dog = { Hole: 10n ** 53n, Dirt: 0n, hole: 10n ** 53n, dirt: 0n }
  const clip = { buf: RAY, tail: 100n, cusp: 0n, chost: 0n, tip: 0n, chip: 0n, stopped: 0n }
  const pip = { value: WAD, has: true, par: RAY }
  const sale = () => ({ tab: RAD, lot: WAD, tic: 100n, top: RAY })
  const word = (action: () => unknown) =>
    refusal(
      applied(() => {
        action()
        return { facts: [] }
      }),
    )
  const urn = () => ({ ink: WAD, art: 2n * WAD })
  const kind = () => ({ Art: 2n * WAD, rate: RAY, spot: RAY, dust: 0n })

  it.each<[string, () => unknown]>([
    ['a stair without steps', () => auctionPrice({ type: 'stairstep', cut: RAY, step: 0n }, RAY, 1n)],
    [
      'an auction from the future',
      () => take(clip, { type: 'linear', tau: 10n }, sale(), dog, { amt: 1n, max: RAY }, 99n),
    ],
    [
      'less in the limits than is taken out of them',
      () => take(clip, { type: 'linear', tau: 1_000n }, sale(), dog, { amt: WAD, max: RAY }, 100n),
    ],
    ['a penalty of nothing', () => bark(kind(), urn(), { ...dog, chop: 0n }, clip, pip, 1n)],
    [
      'a debt beyond a signed integer',
      () =>
        bark(
          { ...kind(), rate: 1n << 255n },
          { ink: 1n, art: 1n },
          { ...dog, Hole: MAX, hole: MAX, chop: 1n },
          clip,
          pip,
          1n,
        ),
    ],
    [
      'a kind that owes less than the vault, even while kicks are stopped',
      () => bark({ ...kind(), Art: WAD }, urn(), { ...dog, chop: WAD }, { ...clip, stopped: 1n }, pip, 1n),
    ],
    [
      'a product beyond 2^256',
      () =>
        redo(
          { ...clip, tip: 1n },
          { type: 'linear', tau: 1n },
          { ...sale(), lot: MAX },
          { ...pip, value: 2n * WAD },
          300n,
        ),
    ],
  ])('%s', (_what, action) => {
    expect(word(action)).toBe('(empty)')
  })

  it('and what does not: a restart that pays nobody does not weigh what is left', () => {
    const left = { ...sale(), lot: MAX }
    expect(redo(clip, { type: 'linear', tau: 1n }, left, { ...pip, value: 2n * WAD }, 300n)).toEqual({ coin: 0n })
    expect(left).toMatchObject({ tic: 300n, top: 2n * RAY })
  })

  it('a box lowered below what is in it, where one that is full has its word', () => {
    const terms = (box: bigint) => ({ kind: 'dunk', dunk: RAD, chop: WAD, box, litter: RAD }) as const
    expect(word(() => bite(kind(), urn(), terms(RAD - 1n)))).toBe('(empty)')
    expect(word(() => bite(kind(), urn(), terms(RAD)))).toBe('Cat/liquidation-limit-hit')
  })
})

describe('edges of the first liquidation system', () => {
  const at = moment(START, 90)
  const owing = (ink: bigint, art: bigint) => {
    const state = flipState()
    state.vat.urns.set('ETH-A', new Map([['ann', { ink, art }]]))
    const ilk = state.vat.ilks.get('ETH-A')
    if (ilk) ilk.Art = art
    return state
  }
  const bite = { do: 'bite', ilk: 'ETH-A', account: 'ann' } as const

  it('a vault that owes without collateral is no offer, and its bite is a refusal', () => {
    const state = owing(0n, 100n * WAD)
    expect(makerFlip.offers(state, 'ETH-A/ann', at)).toEqual([])
    expect(refusal(makerFlip.apply(state, bite, at))).toBe('(empty)')
  })

  it('a lot of collateral may carry no whole atom of debt: the check for that came with the DAI lots', () => {
    const dust = owing(100n * WAD, 1n)
    const flipper = dust.flippers.get('ETH-A')
    expect(flipper?.lot.kind).toBe('lump')
    const ilk = dust.vat.ilks.get('ETH-A')
    // A rate at which a single atom of normalised debt is more than the collateral covers.
    if (ilk) ilk.rate = 10n ** 27n * 10n ** 24n
    expect(refusal(makerFlip.apply(dust, bite, at))).toBe('done')
    expect(dust.auctions.get('ETH-A')?.get('1')).toMatchObject({ lot: 50n * WAD, tab: 0n })
    expect(dust.vat.urns.get('ETH-A')?.get('ann')).toEqual({ ink: 50n * WAD, art: 1n })
  })

  it('the end of an auction that is not there is refused in the words of the contract', () => {
    const done = (action: 'deal' | 'tick') =>
      refusal(makerFlip.apply(flipState(), { do: action, ilk: 'ETH-A', auction: '9' }, at))
    expect(done('deal')).toBe('Flipper/not-finished')
    // The contract checks clocks only, and those of no auction are zero.
    expect(done('tick')).toBe('done')
  })
})
