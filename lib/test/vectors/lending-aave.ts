/** Lending vectors of Aave (sizes, close factor, a whole liquidation) and of liquidators (toxicity, two steps). */
import { z } from 'zod'
import { AAVE_V37, aaveV3Account, aaveV3Sizes, optimalTwoStep, toxicLtv } from '../../mechanisms/index.ts'
import { fixedToNumber, parseFixed } from '../../model/index.ts'
import { type Answer, type Form, form, num, nums } from './form.ts'

const UNIT = 10n ** 18n
const BASE_DECIMALS = 8
/** More decimals than any float64 of a vector has. */
const EXACT = 340

/** A number of a vector at so many decimals, cut there. */
function scaled(value: number, decimals: number): bigint {
  return parseFixed(String(value), EXACT) / 10n ** BigInt(EXACT - decimals)
}

const back = (value: bigint) => fixedToNumber(value, 18)

/** A ratio given as part of one or in basis points, in basis points with 14 more decimals. */
function bps(value: number): bigint {
  return scaled(value > 5 ? value / 10_000 : value, 18)
}

/** A bonus as the factor on the debt or as what comes on top of it, in whole basis points of the factor. */
function bonusBps(value: number): bigint {
  return (bps(value < 1 ? 1 + value : value) + 10n ** 14n / 2n) / 10n ** 14n
}

/** Collateral for a repayment, without close factor and dust rule: the function that the rule calls. */
function collateralFor(inputs: {
  collPx: number
  debtPx: number
  debt: number
  collBal: number
  bonus: number
  feeBps: number
}): Answer {
  const terms = {
    ...{ collateralBalance: scaled(inputs.collBal, 18), collateralUnit: UNIT, debtUnit: UNIT },
    ...{ collateralPrice: scaled(inputs.collPx, 18), debtPrice: scaled(inputs.debtPx, 18) },
    ...{ bonus: bonusBps(inputs.bonus), protocolFee: scaled(inputs.feeBps, 0) },
  }
  const { repaid, toLiquidator, fee } = aaveV3Sizes.collateralFor(AAVE_V37, terms, scaled(inputs.debt, 18))
  return { coll: back(toLiquidator), debt: back(repaid), fee: back(fee) }
}

/** One collateral against a debt at par: as much as the rule allows, and what is left without collateral. */
function liquidation(inputs: {
  collPx: number
  coll: number
  debt: number
  LT: number
  bonus: number
  feeBps: number
}): Answer {
  const [price, par] = [scaled(inputs.collPx, BASE_DECIMALS), 10n ** BigInt(BASE_DECIMALS)]
  const [held, owed] = [scaled(inputs.coll, 18), scaled(inputs.debt, 18)]
  const collateral = (held * price) / UNIT
  const debt = aaveV3Account.debtBase(AAVE_V37, owed, par, UNIT)
  const weighted = (collateral * bps(inputs.LT)) / 10n ** 14n
  const sums = { collateral, debt, weighted, liquidationThreshold: 0n }
  const healthFactor = aaveV3Account.healthFactorOf(AAVE_V37, sums)
  const hf = healthFactor === aaveV3Account.NO_DEBT ? null : back(healthFactor)
  if (healthFactor >= UNIT) return { hf, repaid: 0, toLiquidator: 0, protocolFee: 0, deficit: 0 }
  const terms = {
    ...{ reserveDebt: owed, collateralBalance: held, totalDebtBase: debt, healthFactor },
    ...{ debtPrice: par, collateralPrice: price, debtUnit: UNIT, collateralUnit: UNIT },
    ...{ bonus: bonusBps(inputs.bonus), protocolFee: scaled(inputs.feeBps, 0) },
  }
  const { repaid, toLiquidator, fee } = aaveV3Sizes.liquidationSizes(AAVE_V37, terms, owed)
  const nothingLeft = ((toLiquidator + fee) * price) / UNIT === collateral
  return {
    ...{ hf, repaid: back(repaid), toLiquidator: back(toLiquidator), protocolFee: back(fee) },
    deficit: nothingLeft ? back(owed - repaid) : 0,
  }
}

/** Every form of this file. */
export const AAVE_FORMS: readonly Form[] = [
  form('C.aave.v33', { collPx: num, debtPx: num, debt: num, collBal: num, bonus: num, feeBps: num }, collateralFor),
  form('C.aave.v33', { rows: z.array(z.tuple([num, num, num])) }, ({ rows }) =>
    rows.map(([healthFactor, collateral, debt]) => {
      const base = (value: number) => scaled(value, BASE_DECIMALS)
      return Number(aaveV3Sizes.closeFactor(scaled(healthFactor, 18), base(collateral), base(debt))) / 10_000
    }),
  ),
  form('C.aave.v33', { collPx: num, coll: num, debt: num, LT: num, bonus: num, feeBps: num }, liquidation),
  form('C.toxic', { i: nums }, ({ i }) => i.map((incentive) => toxicLtv(incentive))),
  form('E.strategy', { C: num, D: num, LT: num, LS: num, CF: num }, ({ C, D, LT, LS, CF }) => {
    const steps = optimalTwoStep({ collateral: C, debt: D, threshold: LT, spread: LS, closeFactor: CF })
    if (!steps) return null
    return { repay1: steps.first, repay2: steps.second, upToCloseFactor: steps.upToCloseFactor, gain: steps.gain }
  }),
]
