/** Section B of the vectors: Hyperliquid's margin, prices, funding, deleveraging, builder markets and the FRIEND-USD index. */
import { z } from 'zod'
import {
  BACKSTOP,
  boundedFundingRate,
  crossLiquidationPrices,
  deductionsOf,
  deleverageScore,
  EMPTY_EMA,
  emaStep,
  emaValue,
  friendAttack,
  fundingPayment,
  fundingRate8h,
  hyperliquidMark,
  localMark,
  partAbove,
  perpProfile,
  premiumIndex,
  singleTier,
  subjectIndex,
  tvlIndex,
  updatesBetween,
} from '../../mechanisms/index.ts'
import { type Answer, type Form, form, num, nums } from './form.ts'

/** The venue's own rule: paid hourly as an eighth of the rate per 8 h, at most 4 % an hour whatever the margin rates. */
const { funding: FUNDING } = perpProfile('hyperliquid')
const hourlyRate = (premium: number) => boundedFundingRate(premium, FUNDING, { maintenanceRate: 0, initialRate: 0 })
/** Part, threshold (USDC) and cooldown of partial liquidations. Source: documentation, "liquidations". */
const PARTIAL = { kind: 'fraction', part: 0.2, above: 100_000, cooldownMs: 30_000 } as const

/** A position of signed size at its mark: profit so far stands in the account value. */
function rootOf(size: number, mark: number, rate: number, money: number, part: number): Answer {
  const contract = { payoff: 'linear', maintenance: { kind: 'tiers', table: singleTier(rate) } } as const
  const position = { side: size > 0 ? 'long' : 'short', size: Math.abs(size), entryPrice: mark } as const
  const { below, above } = crossLiquidationPrices([{ contract, position, mark }], money, { part })
  // A healthy long is liquidated below its mark; one that is liquidatable already has its price above.
  return (size > 0 === money >= part * rate * Math.abs(size) * mark ? below : above) ?? null
}

const standing = { accountValue: num, size: num, mark: num, maintRate: num }
const mode = z.enum(['isolated', 'cross'])
const optional = num.nullish()

function backstop({ accountValue, size, mark, maintRate, maintOther = 0 }: z.infer<typeof withOthers>): Answer {
  return rootOf(size, mark, maintRate, accountValue - BACKSTOP * maintOther, BACKSTOP)
}
/** Tables of any coins: floors and largest leverages. */
const tables = z.record(z.string(), z.array(z.tuple([num, num])).min(1))
const withOthers = z.object({ ...standing, maintOther: num.optional() })

/** Every form of section B. */
export const HYPERLIQUID_FORMS: readonly Form[] = [
  form('B.liq.price', standing, ({ accountValue, size, mark, maintRate }) =>
    rootOf(size, mark, maintRate, accountValue, 1),
  ),
  form('B.liq.price', { mode, ...standing }, ({ accountValue, size, mark, maintRate }) =>
    rootOf(size, mark, maintRate, accountValue, 1),
  ),
  form('B.liq.price', { mode, ...standing, maintOther: num }, (inputs) =>
    rootOf(
      inputs.size,
      inputs.mark,
      inputs.maintRate,
      inputs.accountValue - (inputs.mode === 'cross' ? inputs.maintOther : 0),
      1,
    ),
  ),
  form('B.backstop', standing, backstop),
  form('B.backstop', { ...standing, maintOther: num }, backstop),
  {
    mech: 'B.tiers',
    accepts: (inputs) => tables.safeParse(inputs).success,
    run: (inputs) =>
      Object.fromEntries(
        Object.entries(tables.parse(inputs)).map(([coin, tiers]) => [
          coin,
          deductionsOf(tiers.map(([floor, leverage]) => [floor, 1 / (2 * leverage)])),
        ]),
      ),
  },
  form('B.partial', { notional: nums }, ({ notional }) =>
    notional.map((value) => value * partAbove(PARTIAL, value, undefined)),
  ),
  form(
    'B.adl',
    {
      rows: z.array(z.strictObject({ side: z.enum(['long', 'short']), entry: num, mark: num, notional: num, av: num })),
    },
    ({ rows }) =>
      rows.map(({ side, entry, mark, notional, av }) =>
        deleverageScore('hyperliquid', {
          id: '',
          side,
          size: notional / mark,
          entryPrice: entry,
          markPrice: mark,
          notional,
          entryValue: (notional / mark) * entry,
          unrealised: 0,
          equity: av,
          maintenance: 0,
        }),
      ),
  ),
  form(
    'B.mark',
    { oracle: optional, emaBasis: optional, bid: optional, ask: optional, last: optional, cexMedian: optional },
    (inputs) =>
      hyperliquidMark({
        oracle: inputs.oracle ?? undefined,
        emaBasis: inputs.emaBasis ?? undefined,
        local: localMark({
          bid: inputs.bid ?? undefined,
          ask: inputs.ask ?? undefined,
          last: inputs.last ?? undefined,
        }),
        external: inputs.cexMedian ?? undefined,
      }) ?? null,
  ),
  form(
    'B.mark',
    { samples: z.array(z.tuple([num, num])), tau: num },
    ({ samples, tau }) =>
      emaValue(samples.reduce((ema, [elapsed, value]) => emaStep(ema, value, elapsed, tau), EMPTY_EMA)) ?? null,
  ),
  form('B.funding', { premium: num }, ({ premium }) => hourlyRate(premium)),
  form('B.funding', { impactBid: num, spot: num, long: num }, ({ impactBid, spot, long }) => {
    const premium = premiumIndex({ impactBid, impactAsk: undefined, index: spot })
    // A long of a negative size is a short.
    const funded = { side: long < 0 ? 'short' : 'long', size: Math.abs(long), price: spot, payoff: 'linear' } as const
    return {
      premium,
      rate8h: fundingRate8h(premium, FUNDING),
      hourlyPayment: fundingPayment(funded, hourlyRate(premium)),
    }
  }),
  form('B.hip3.oracle', { p0: num, p1: num, stepMax: num, minGapS: num }, ({ p0, p1, stepMax, minGapS }) => {
    const { updates, ms, move } = updatesBetween(p0, p1, { maxStep: stepMax, minGapMs: minGapS * 1000 })
    return { updates, seconds: ms / 1000, ret: move }
  }),
  form('B.friend', { tvlUsd: num, divisor: num }, ({ tvlUsd, divisor }) => tvlIndex(tvlUsd, divisor)),
  form('B.friend', { supply: num, buy: num, ethUsd: num, tvlUsd: num }, (attack) => {
    const { ethIn, tvlMove, costEth } = friendAttack(attack, true)
    return { ethIn, tvlMovePct: tvlMove * 100, costEthSelfOwnedSubject: costEth }
  }),
  form('B.friend', { prices: nums }, ({ prices }) => {
    const { median, middle, mean } = subjectIndex(prices)
    return { median20: median, middle8: middle, mean }
  }),
]
