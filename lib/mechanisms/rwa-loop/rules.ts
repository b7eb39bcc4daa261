/**
 * Levered loops on real-world assets: a fund's token is collateral for a loan that buys more of it. Net asset value comes in steps (daily or weekly),
 * redemption through a gate (a share of the fund per quarter), so a loop that must shrink either sells on a thin market or waits.
 *
 * L = 1 / (1 − LTV); net yield = L·y − (L − 1)·r; equity is gone at a fall of 1/L; liquidation comes at a fall of 1 − LTV / LLTV.
 * Float64 fractions per year. Sources: Gauntlet's levered RWA vaults (sACRED on Morpho, Polygon: quarterly redemption ≤ 5 % of net asset value, exit
 * 122 days at worst), the reference, D.6; identities derived there.
 */
import { breakwaterError } from '../../model/index.ts'

/** Leverage of a loan-to-value: 1 / (1 − LTV). */
export function loopLeverage(ltv: number): number {
  if (!(ltv >= 0 && ltv < 1)) throw breakwaterError('bad-number', `no loop has a loan-to-value of ${ltv}`, { ltv })
  return 1 / (1 - ltv)
}

/** Net yield on equity per year: L·y − (L − 1)·r. */
export function loopYield(leverage: number, assetYield: number, borrowRate: number): number {
  return leverage * assetYield - (leverage - 1) * borrowRate
}

/** Fall of the net asset value that leaves no equity: 1 / L. */
export function loopRuin(leverage: number): number {
  if (!(leverage >= 1)) throw breakwaterError('bad-number', `no loop has a leverage of ${leverage}`, { leverage })
  return 1 / leverage
}

/** Fall of the net asset value at which the loan is liquidatable: 1 − LTV / LLTV. */
export function loopLiquidation(leverage: number, lltv: number): number {
  return Math.max(0, 1 - (1 - 1 / leverage) / lltv)
}

/** How a curator keeps leverage: target, band to either side, worst discount it sells at, and the gate it redeems through. */
export type LoopController = { readonly target: number; readonly band: number; readonly worstDiscount: number }

/** What the controller does with a loop: units of collateral to sell or redeem (> 0), or money to borrow for more (> 0). */
export type LoopStep =
  | { readonly do: 'hold' }
  | { readonly do: 'sell' | 'redeem'; readonly value: number }
  | { readonly do: 'lever'; readonly value: number }

/**
 * Decides. Shrinking to the target takes (L − L*)·equity of collateral; it is sold while the market's discount for that size is bearable, and queued
 * for redemption otherwise. Levering up happens only while the asset yields more than the loan costs.
 */
export function loopStep(
  { target, band, worstDiscount }: LoopController,
  loop: { readonly value: number; readonly debt: number },
  market: { readonly discount: (value: number) => number; readonly carry: number },
): LoopStep {
  const equity = loop.value - loop.debt
  if (!(equity > 0)) return { do: 'hold' }
  const leverage = loop.value / equity
  if (leverage > target + band || (market.carry < 0 && loop.debt > 0)) {
    const wanted = market.carry < 0 ? loop.debt : (leverage - target) * equity
    return { do: market.discount(wanted) <= worstDiscount ? 'sell' : 'redeem', value: Math.min(wanted, loop.value) }
  }
  if (leverage < target - band && market.carry > 0) return { do: 'lever', value: (target - leverage) * equity }
  return { do: 'hold' }
}

/** Days until a sum leaves through a gate: whole periods of `share` of the fund each, after the notice. */
export function gateDays(
  value: number,
  gate: {
    readonly fund: number
    readonly share: number
    readonly periodDays: number
    readonly noticeDays: number
    readonly nextInDays: number
  },
): number {
  if (!(gate.fund > 0 && gate.share > 0 && gate.share <= 1 && gate.periodDays > 0))
    throw breakwaterError('bad-number', 'a gate needs a fund, a share and a period above 0', { ...gate })
  const periods = Math.max(1, Math.ceil(value / (gate.fund * gate.share)))
  return Math.max(gate.noticeDays, gate.nextInDays) + (periods - 1) * gate.periodDays
}
