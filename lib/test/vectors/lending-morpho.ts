/** Section C of the vectors: Morpho's liquidation incentive factor and its pre-liquidation factors, by the contracts' integers. */
import { morphoRules, preLiquidationRules } from '../../mechanisms/index.ts'
import { fixedToNumber, parseFixed } from '../../model/index.ts'
import { type Form, form, num, nums } from './form.ts'

/** A plain number as a wad, as it is written in decimal; digits beyond 18 decimals are rounded. */
function wad(value: number): bigint {
  const written = String(value)
  return parseFixed(/^\d+(\.\d{1,18})?$/.test(written) ? written : value.toFixed(18), 18)
}

const number = (value: bigint) => fixedToNumber(value, 18)

/** Every form of Morpho. */
export const MORPHO_FORMS: readonly Form[] = [
  form('C.morpho', { lltv: nums }, ({ lltv }) => lltv.map((one) => number(morphoRules.incentiveFactorDown(wad(one))))),
  form('C.morpho', {}, () => number(morphoRules.cappedBelowLltvDown())),
  form(
    'C.morpho.pre',
    { preLltv: num, lltv: num, ltv: num, preLCF: nums.length(2), preLIF: nums.length(2) },
    ({ preLltv, lltv, ltv, preLCF: [lcf1 = 0, lcf2 = 0], preLIF: [lif1 = 0, lif2 = 0] }) => {
      const params = {
        preLltv: wad(preLltv),
        ...{ preLCF1: wad(lcf1), preLCF2: wad(lcf2), preLIF1: wad(lif1), preLIF2: wad(lif2) },
      }
      const { quotient, preLCF, preLIF } = preLiquidationRules.preFactorsDown(params, wad(lltv), wad(ltv))
      return { q: number(quotient), lcf: number(preLCF), lif: number(preLIF) }
    },
  ),
]
