/**
 * What a liquidator gets: the largest liquidation that a mechanism offers now at oracle value, what is left after selling the collateral, flash
 * loan and gas, and whether it leaves the borrower worse off.
 */
import { type Mechanism, wasRefused } from '../mechanisms/index.ts'
import {
  type AssetAmount,
  type AssetId,
  breakwaterError,
  type Health,
  type Moment,
  mulDivDown,
  mulDivUp,
  type Offer,
} from '../model/index.ts'

/** What an asset is worth at the oracle: `value` units for every `per` atoms. `undefined`: it has no price. */
export type AssetWorth = (asset: AssetId) => { readonly value: bigint; readonly per: bigint } | undefined

/** A liquidation that is open to anyone: the offer, both sides' value, what is won at oracle prices (negative: lost), and that as a fraction. */
export type OpenLiquidation<A> = {
  readonly offer: Offer<A>
  readonly paid: bigint
  readonly received: bigint
  readonly gain: bigint
  readonly bonus: number | undefined
}

/** Value of amounts, each rounded down. Refuses `missing-price` for an asset without a price above 0. */
export function valueDown(amounts: readonly AssetAmount[], worth: AssetWorth): bigint {
  return amounts.reduce((sum, { asset, atoms }) => {
    const price = worth(asset)
    if (!price || price.value <= 0n || price.per <= 0n)
      throw breakwaterError('missing-price', `no price above 0 of ${asset}`, { asset })
    return sum + mulDivDown(atoms, price.value, price.per)
  }, 0n)
}

/** The offer to anyone that repays the most value now, or `undefined` when there is none. Refuses as {@link valueDown}. */
export function maxLiquidation<S, A>(
  mechanism: Mechanism<S, A>,
  state: S,
  target: string,
  at: Moment,
  worth: AssetWorth,
): OpenLiquidation<A> | undefined {
  let best: OpenLiquidation<A> | undefined
  for (const offer of mechanism.offers(state, target, at)) {
    if (offer.actor !== 'anyone') continue
    const [paid, received] = [valueDown(offer.pay, worth), valueDown(offer.receive, worth)]
    if (best && best.paid >= paid) continue
    const gain = received - paid
    best = { offer, paid, received, gain, bonus: paid > 0n ? Number(gain) / Number(paid) : undefined }
  }
  return best
}

/**
 * How the collateral is sold: through a constant-product pool (reserves in atoms of the seized and of the wanted asset, fee in basis points of
 * what goes in), or at oracle value less so many basis points.
 */
export type Exit =
  | { readonly pool: { readonly seized: bigint; readonly wanted: bigint; readonly feeBps: number } }
  | { readonly slippageBps: number }

/** What a liquidation costs beside the debt it repays: basis points of what is repaid for a flash loan, and values for gas and a bid. */
export type LiquidationCosts = {
  readonly exit: Exit
  readonly flashFeeBps?: number | undefined
  readonly gas?: bigint | undefined
  readonly bid?: bigint | undefined
}

/** Values, in the unit of the oracle: proceeds − repaid − flash fee − gas − bid = profit. `slippage`: oracle value of the seized − proceeds. */
export type LiquidationProfit = {
  readonly proceeds: bigint
  readonly slippage: bigint
  readonly repaid: bigint
  readonly flashFee: bigint
  readonly gas: bigint
  readonly bid: bigint
  readonly profit: bigint
}

const BPS = 10_000n

/**
 * What is left of a liquidation after its costs. Proceeds are rounded down, fees up. A pool takes one seized and one repaid asset; refuses
 * `bad-query` for others, and `bad-number` for costs that are none.
 */
export function liquidationProfit<A>(
  { offer, paid, received }: OpenLiquidation<A>,
  costs: LiquidationCosts,
  worth: AssetWorth,
): LiquidationProfit {
  const { gas = 0n, bid = 0n } = costs
  if (gas < 0n || bid < 0n)
    throw breakwaterError('bad-number', 'gas and bid are 0 or more', { gas: `${gas}`, bid: `${bid}` })
  const proceeds =
    'pool' in costs.exit
      ? soldInto(costs.exit.pool, offer, worth)
      : mulDivDown(received, BPS - bps('slippage', costs.exit.slippageBps), BPS)
  const flashFee = mulDivUp(paid, bps('flash fee', costs.flashFeeBps ?? 0), BPS)
  return {
    proceeds,
    slippage: received - proceeds,
    repaid: paid,
    flashFee,
    gas,
    bid,
    profit: proceeds - paid - flashFee - gas - bid,
  }
}

/** Atoms that a constant-product pool gives for `amount` atoms, rounded down: the fee is taken of what goes in. */
export function poolOutDown(
  amount: bigint,
  pool: { readonly seized: bigint; readonly wanted: bigint; readonly feeBps: number },
): bigint {
  const put = amount * (BPS - bps('pool fee', pool.feeBps))
  return mulDivDown(put, pool.wanted, pool.seized * BPS + put)
}

function soldInto<A>(
  pool: Extract<Exit, { pool: unknown }>['pool'],
  { pay, receive }: Offer<A>,
  worth: AssetWorth,
): bigint {
  const [seized, repaid] = [receive[0], pay[0]]
  if (!seized || !repaid || receive.length !== 1 || pay.length !== 1)
    throw breakwaterError('bad-query', 'a pool sells one seized asset for one repaid asset', {
      seized: receive.length,
      repaid: pay.length,
    })
  if (pool.seized <= 0n || pool.wanted <= 0n)
    throw breakwaterError('bad-number', 'a pool holds something of both assets', {})
  const atoms = poolOutDown(seized.atoms, pool) as AssetAmount['atoms']
  return valueDown([{ asset: repaid.asset, atoms }], worth)
}

function bps(name: string, value: number): bigint {
  if (Number.isInteger(value) && value >= 0 && value <= 10_000) return BigInt(value)
  throw breakwaterError('bad-number', `${name} is ${value} basis points; it is a whole number from 0 to 10000`, {
    name,
    value,
  })
}

/** What a liquidation did to the borrower: health before and after (`undefined`: the target is gone), toxic when it is worse afterwards. */
export type LiquidationEffect = {
  readonly before: Health
  readonly after: Health | undefined
  readonly toxic: boolean
  /** Collateral is gone and debt is left, on the account or written off. */
  readonly badDebt: boolean
}

/** Applies an offer to a copy of the state and compares. `undefined` when the target has no health or the offer is refused. */
export function liquidationEffect<S, A>(
  mechanism: Mechanism<S, A>,
  state: S,
  target: string,
  at: Moment,
  action: A,
): LiquidationEffect | undefined {
  const before = mechanism.assess(state, target, at)
  const copy = structuredClone(state)
  const done = mechanism.apply(copy, action, at)
  if (!before || wasRefused(done)) return undefined
  const after = mechanism.assess(copy, target, at)
  const written = done.facts.some(
    (fact) =>
      (fact.type === 'bad-debt' && (fact.loss.atoms ?? 0n) > 0n) ||
      (fact.type === 'loan-liquidation' && (fact.badDebt?.atoms ?? 0n) > 0n),
  )
  const owes = after !== undefined && after.required > 0n
  return {
    before,
    after,
    toxic: owes && after.backing * before.required < before.backing * after.required,
    badDebt: written || (owes && after.backing === 0n),
  }
}
