/** Prices under macro news: a random walk with dated jumps on a common factor, and how much of a day followed a headline. */
import { breakwaterError, type Prng } from '../../model/index.ts'

/** News at a step: every asset moves by beta · size at once (size −0.05 = −5 %). */
export type MacroJump = { readonly step: number; readonly size: number }
/** An asset: start price, volatility per step (fraction), and how much of the common factor and its jumps it takes. */
export type FactorAsset = {
  readonly id: string
  readonly price: number
  readonly volatility: number
  readonly beta: number
  /** Correlation of its ordinary moves with the factor, −1..1. */
  readonly correlation: number
}

/** Price paths of `steps` + 1 prices each, one a step; the same seed gives the same paths whatever the jumps. */
export function factorPaths(
  assets: readonly FactorAsset[],
  jumps: readonly MacroJump[],
  steps: number,
  chance: Prng,
): ReadonlyMap<string, readonly number[]> {
  for (const { size } of jumps)
    if (!(size > -1 && Number.isFinite(size)))
      throw breakwaterError('bad-shock', `a jump of ${size} leaves no price`, { size })
  const factor = chance.fork('factor')
  const common = Array.from({ length: steps }, () => factor.normal())
  return new Map(
    assets.map(({ id, price, volatility, beta, correlation }) => {
      const own = chance.fork(id)
      const path = [price]
      for (let step = 0; step < steps; step++) {
        const shock = correlation * (common[step] as number) + Math.sqrt(1 - correlation ** 2) * own.normal()
        const jump = jumps.filter((one) => one.step === step).reduce((sum, one) => sum + Math.log1p(one.size) * beta, 0)
        path.push((path[step] as number) * Math.exp(volatility * shock - volatility ** 2 / 2 + jump))
      }
      return [id, path]
    }),
  )
}

/** Share of all sums that fell within `span` after `from`, 0..1; `undefined` when there are none. */
export function shareAfter(
  events: readonly { readonly time: number; readonly usd: number }[],
  from: number,
  span: number,
): number | undefined {
  const total = events.reduce((sum, { usd }) => sum + usd, 0)
  const within = events.reduce((sum, { time, usd }) => (time >= from && time < from + span ? sum + usd : sum), 0)
  return total > 0 ? within / total : undefined
}
