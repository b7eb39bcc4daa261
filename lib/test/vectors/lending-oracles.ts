/** Section C of the vectors, oracles: the capped exchange rate, and the incident that a cap set too low became. */
import { CAPO_WSTETH_2026_03_10, capIncidentLoss, capoMaxRatioDown } from '../../mechanisms/index.ts'
import { fixedToNumber, type UnixSeconds } from '../../model/index.ts'
import { type Form, form, num } from './form.ts'

/** Decimals in which a vector's ratio is put through the integer rule. */
const DECIMALS = 27

/** Every form of the capped oracle. */
export const ORACLE_FORMS: readonly Form[] = [
  form(
    'C.capo',
    { snapshotRatio: num, elapsedDays: num, yearlyBps: num },
    ({ snapshotRatio, elapsedDays, yearlyBps }) => {
      // Through decimal text: a float64 such as 1.1939 is meant as its digits.
      const ratio = BigInt(snapshotRatio.toFixed(18).replace('.', '')) * 10n ** BigInt(DECIMALS - 18)
      const parameters = {
        snapshotRatio: ratio,
        snapshotTime: 0 as UnixSeconds,
        yearlyBps: BigInt(Math.round(yearlyBps)),
      }
      return fixedToNumber(capoMaxRatioDown(parameters, Math.round(elapsedDays * 86_400) as UnixSeconds), DECIMALS)
    },
  ),
  form('C.capo', { gap: num, wsteth: num, ratioReal: num, bonus: num }, ({ gap, wsteth, ratioReal, bonus }) => {
    const { published, model } = CAPO_WSTETH_2026_03_10
    const loss = capIncidentLoss({ gap, bonus, seized: wsteth, ratio: ratioReal, goodwill: model.goodwill })
    return {
      oracleProfitEth: loss.oracleProfit,
      bonusEth: loss.bonus,
      total: loss.total,
      // No model of the gap gives it: the count is the incident's own, as published.
      accounts: published.accounts,
      hfThreshold: loss.healthThreshold,
    }
  }),
]
