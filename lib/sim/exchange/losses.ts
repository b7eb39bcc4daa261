/** Who pays what a margin does not cover: the insurance fund as far as its rule lets it, then all winners or nobody. */
import { fundCapacity, fundStep, mulDivFloor } from '../../mechanisms/index.ts'
import { DRAW, LOSS, record, SOCIALISED } from './events.ts'
import { BAD_DEBT, FIRST_ACCOUNT, FUND, SIZE, SLOT } from './layout.ts'
import { accountOf, isIsolated, touch, touchGroup } from './ledger.ts'
import { unrealised } from './margin.ts'
import { credit, type State, walletOf } from './state.ts'

/** Notes the fund's present balance in the history that its drawdown rule reads, and returns what it may pay, atoms. */
export function capacityOf(state: State, currency: number): number {
  const { insurance } = state.profile
  const fund = state.funds[currency]
  if (!fund) return 0
  const balance = Math.max(0, walletOf(state, FUND, currency))
  const now = balance === fund.balance ? fund : fundStep(fund, balance - fund.balance, state.time, insurance)
  state.funds[currency] = now
  return Math.floor(fundCapacity(now, state.time, insurance))
}

/** Pays a loss (atoms > 0) of an account: the account's wallet is credited, the payers debited. Returns what the fund paid. */
export function coverLoss(state: State, account: number, currency: number, loss: number): number {
  const paid = Math.min(loss, capacityOf(state, currency))
  credit(state, account, currency, loss)
  if (paid > 0) {
    credit(state, FUND, currency, -paid)
    record(state, DRAW, -1, account, FUND, currency, 0, paid, 0, 0)
  }
  const rest = loss - paid
  if (rest === 0) return paid
  const { insurance, deleverage } = state.profile
  const spread = insurance.socialise && deleverage.rank === 'none' ? socialise(state, currency, rest) : 0
  if (rest > spread) {
    credit(state, BAD_DEBT, currency, spread - rest)
    record(state, LOSS, -1, account, BAD_DEBT, currency, 0, rest - spread, 0, 0)
  }
  return paid
}

/** Takes a loss from every cross position in profit, in proportion to the profit (rounded down); returns what was taken, atoms. */
function socialise(state: State, currency: number, loss: number): number {
  const gains: [account: number, gain: number][] = []
  let total = 0
  for (const market of state.markets) {
    if (market.currency !== currency) continue
    for (let slot = FIRST_ACCOUNT * state.legs; slot < state.accounts * state.legs; slot++) {
      if (market.floats[slot * SLOT + SIZE] === 0 || isIsolated(market, slot)) continue
      const gain = unrealised(market, slot)
      if (gain <= 0) continue
      gains.push([accountOf(state, slot), gain])
      total += gain
      touch(state, market, slot)
    }
  }
  let taken = 0
  const share = Math.min(loss, total)
  for (const [account, gain] of gains) {
    const part = mulDivFloor(share, gain, total)
    if (part === 0) continue
    credit(state, account, currency, -part)
    touchGroup(state, account, currency)
    record(state, SOCIALISED, -1, account, -1, currency, 0, part, 0, 0)
    taken += part
  }
  return taken
}
