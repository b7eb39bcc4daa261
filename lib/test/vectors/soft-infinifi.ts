/** Section D of the vectors: InfiniFi's waterfall, weights and queue; levered loops of real-world assets. */
import { z } from 'zod'
import { infinifiRules, loopLeverage, loopRuin, loopYield } from '../../mechanisms/index.ts'
import { fixedToNumber, parseFixed } from '../../model/index.ts'
import { type Answer, type Form, form, num, nums } from './form.ts'

const { fundQueue, lockMultiplier, lossSplit, profitSplit, startUnwinding, unwindingWeight, WAD } = infinifiRules
/** iUSD atoms of whole units, by their decimal digits; what has more of them is rounded. */
function in_(value: number): bigint {
  const written = String(value)
  return parseFixed(/^\d+(\.\d{1,18})?$/.test(written) ? written : value.toFixed(18), 18)
}
const out = (value: bigint) => fixedToNumber(value, 18)

const lossCase = z.looseObject({
  loss: num,
  buffer: num.default(0),
  locked: num.default(0),
  saving: num.default(0),
  iusd: num.default(0),
  price: num.default(1),
})

/** What is left of each tranche after a loss; a fixture that names no circulating iUSD has none to lose. */
function afterLoss({ loss, buffer, locked, saving, iusd, price }: z.infer<typeof lossCase>): Answer {
  const supply = in_(iusd + locked + saving)
  const split = lossSplit(in_(loss), {
    ...{ buffer: in_(buffer), locked: in_(locked), savings: in_(saving), supply, price: in_(price) },
  })
  return {
    ...{ buffer: out(in_(buffer) - split.buffer), lockedLoss: out(split.locked) },
    ...{
      locked: out(in_(locked) - split.locked),
      saving: out(in_(saving) - split.savings),
      price: out(split.priceAfter),
    },
  }
}

/** The other lock in the protocol's own test of rewards: 2,000 for five weeks. */
const OTHER_LOCK = { amount: 2000, weeks: 5 }

/** How many epochs a vector asks about; from the first to the end of the unwinding where it does not say. */
function epochsOf(asked: unknown, weeks: number): number {
  const rows = (asked as { readonly weightByEpoch?: unknown } | undefined)?.weightByEpoch
  return Array.isArray(rows) ? rows.length : weeks + 1
}

/** Every form of InfiniFi and of loops. */
export const INFINIFI_FORMS: readonly Form[] = [
  form('D.infinifi', { cases: z.array(lossCase) }, ({ cases }) => cases.map(afterLoss)),
  form('D.infinifi', { profit: num, saving: num, locked: num, weeks: num }, ({ profit, saving, locked, weeks }) => {
    const split = profitSplit(in_(profit), in_(saving), (in_(locked) * lockMultiplier(weeks)) / WAD)
    return { saving: out(split.savings), locked: out(split.locked) }
  }),
  form('D.infinifi', { amount: num, weeks: num }, ({ amount, weeks }, asked) => {
    const pool = { tokens: 0n, shares: 0n, slashIndex: WAD, positions: new Map() }
    startUnwinding(pool, 'it', 'it', in_(amount), weeks, lockMultiplier(weeks), 0n)
    const weight = (epoch: number) => out(unwindingWeight(pool.positions.get('it'), BigInt(epoch + 1)))
    const other = (in_(OTHER_LOCK.amount) * lockMultiplier(OTHER_LOCK.weeks)) / WAD
    const { savings, locked } = profitSplit(in_(340), in_(weight(0)), other)
    return {
      weightByEpoch: Array.from({ length: epochsOf(asked, weeks) }, (_, epoch) => weight(epoch)),
      split340: [out(savings), out(locked)],
    }
  }),
  form('D.infinifi', { ticket: num, fund: num }, ({ ticket, fund }) => {
    const { burnt, queue } = fundQueue([{ recipient: 'r', amount: in_(ticket) }], in_(fund), WAD)
    return { burn: out(burnt), left: out(queue[0]?.amount ?? 0n) }
  }),
  form('D.gauntlet', { ltv: num, y: num, r: num }, ({ ltv, y, r }) => {
    const leverage = loopLeverage(ltv)
    return { L: leverage, net: loopYield(leverage, y, r) }
  }),
  form('D.gauntlet', { L: nums }, ({ L }) => L.map(loopRuin)),
]
