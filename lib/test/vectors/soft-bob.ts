/** Section D of the vectors: BOB's partial liquidations and the price of waiting; levered loops of real-world assets. */
import { bobRules } from '../../mechanisms/index.ts'
import { type Form, form, num, nums } from './form.ts'

/** Every form of BOB. */
export const BOB_FORMS: readonly Form[] = [
  form('D.bob', { V: num, D: num, target: num, bonus: num }, ({ V, D, target, bonus }) => {
    const { repay, debtAfter, collateralAfter } = bobRules.partialToTarget(V, D, target, bonus)
    return { repay, debtAfter, collAfter: collateralAfter }
  }),
  form('D.bob', { sigmaDay: num, days: nums }, ({ sigmaDay, days }) =>
    days.map((one) => bobRules.waitingBonus(sigmaDay, one)),
  ),
]
