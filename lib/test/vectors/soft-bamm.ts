/** Section D of the vectors: Frax BAMM's repayment schedule, its unit of debt, and the swap before a repayment. */
import { z } from 'zod'
import { bammRules } from '../../mechanisms/index.ts'
import { parseFixed } from '../../model/index.ts'
import { type Form, form, num, nums } from './form.ts'

const { maxSellDown, repayShare, sqrtDown } = bammRules
/** Atoms at 18 decimals of whole units, by their decimal digits; what has more of them is rounded. */
function atoms(value: number): bigint {
  const written = String(value)
  return parseFixed(/^\d+(\.\d{1,18})?$/.test(written) ? written : value.toFixed(18), 18)
}

/** Every form of BAMM. */
export const BAMM_FORMS: readonly Form[] = [
  form('D.bamm', { ltv: nums }, ({ ltv }) => ltv.map((one) => Number(repayShare(atoms(one))) / 1e18)),
  form('D.bamm', { r: z.array(z.tuple([num, num])).min(1) }, ({ r }) => {
    const roots = r.map(([reserve0, reserve1]) => Number(sqrtDown(atoms(reserve0) * atoms(reserve1))) / 1e18)
    const [first = 0] = roots
    // One answer is asked for: pools of different √k have none.
    return roots.every((one) => Math.abs(one - first) <= 1e-9 * first) ? first : null
  }),
  form(
    'D.bamm',
    { tokenIn: num, tokenOut: num, resIn: num, resOut: num },
    ({ tokenIn, tokenOut, resIn, resOut }) =>
      Number(maxSellDown(atoms(tokenIn), atoms(tokenOut), atoms(resIn), atoms(resOut))) / 1e18,
  ),
]
