/** An insurance fund: its balance, its highest of a rolling window, what it may pay, and when auto-deleveraging begins instead. */
import { breakwaterError } from '../../model/index.ts'
import type { InsuranceRule } from './profile.ts'

/**
 * Balance (money) and the balances that may still be the window's highest, newest last. `window` is falling in balance, so its first is the
 * peak: what came before a higher balance can be no peak any more.
 */
export type InsuranceFund = {
  readonly balance: number
  readonly window: readonly { readonly time: number; readonly balance: number }[]
}

/** A fund that begins with a balance (money) at a time (ms). */
export function openFund(balance: number, time: number): InsuranceFund {
  if (!(balance >= 0 && Number.isFinite(balance)))
    throw breakwaterError('bad-number', `an insurance fund of ${balance} is none; it must be at least 0`, { balance })
  return { balance, window: [{ time, balance }] }
}

/** Pays in (above 0) or out (below 0) at a time (ms). A fund is never below 0: throws `bad-number` on more than it has. */
export function fundStep(fund: InsuranceFund, amount: number, time: number, rule: InsuranceRule): InsuranceFund {
  const balance = fund.balance + amount
  if (!(balance >= 0))
    throw breakwaterError('bad-number', `the fund holds ${fund.balance} and cannot pay ${-amount}`, {
      balance: fund.balance,
      amount,
    })
  const kept = fund.window.filter((one) => one.balance > balance && isWithin(one.time, time, rule))
  return { balance, window: [...kept, { time, balance }] }
}

function isWithin(then: number, now: number, { deleverage }: InsuranceRule): boolean {
  return deleverage.kind === 'empty' || now - then < deleverage.windowMs
}

/** Highest balance of the rule's window at a time (ms), money. */
export function fundPeak({ balance, window }: InsuranceFund, time: number, rule: InsuranceRule): number {
  return window.find((one) => isWithin(one.time, time, rule))?.balance ?? balance
}

/**
 * What the fund may pay at a time, money: all of it (`empty`), or down to `(1 − part)` of the window's highest (`drawdown`: beyond that winners
 * are closed instead). Sources: OKX (30 % below the 8 h peak), Bybit since 2025-12-19 (30 % in a rolling 8 h).
 */
export function fundCapacity(fund: InsuranceFund, time: number, rule: InsuranceRule): number {
  if (rule.scope === 'none') return 0
  if (rule.deleverage.kind === 'empty') return fund.balance
  const floor = (1 - rule.deleverage.part) * fundPeak(fund, time, rule)
  return Math.max(0, fund.balance - floor)
}
