/**
 * The FRIEND-USD index of August 2023 and its successors, and what an attack on it costs. The first index followed the value locked in
 * friend.tech, which anyone could raise by buying shares of a subject of his own, in one transaction; the later ones are robust averages.
 * Sources: Hyperliquid incident page and documentation; Aevo FRIEND-PERP (decrypt.co/153310); the friend.tech share curve S²/16000.
 */
import { checkedFinite, checkedNotNegative, checkedPositive } from './mark-checks.ts'
import { medianOf } from './mark-median.ts'

/** Divisor of the share curve: the next share at supply S costs S²/16000 ETH. */
const CURVE = 16_000
/** Fee of each trade to the protocol, and the same again to the subject. Fractions. */
const PROTOCOL_FEE = 0.05
const SUBJECT_FEE = 0.05
/** How many of the prices the index in force since 4 October 2023 averages. */
const MIDDLE = 8

/** Index of a value locked: dollars / divisor (Aevo: 1e6). Refuses (`bad-number`) values ≤ 0. */
export function tvlIndex(tvlUsd: number, divisor: number): number {
  return checkedPositive('value locked', tvlUsd) / checkedPositive('divisor', divisor)
}

/** ETH for `count` shares from `supply` on, before fees: `(f(S+n) − f(S)) / 16000`, `f(m) = (m−1)·m·(2m−1)/6`. */
export function shareCost(supply: number, count: number): number {
  const from = checkedNotNegative('supply', supply)
  const to = from + checkedNotNegative('number of shares', count)
  return (squares(to) - squares(from)) / CURVE
}

function squares(m: number): number {
  return ((m - 1) * m * (2 * m - 1)) / 6
}

/** A purchase that is meant to move the index: shares from `supply` on, ETH in dollars, value locked in dollars before it. */
export type FriendAttack = {
  readonly supply: number
  readonly buy: number
  readonly ethUsd: number
  readonly tvlUsd: number
}

/**
 * What the purchase does: `ethIn` locked; `tvlMove`, the relative rise of the index (fraction); `costEth`, the fees of buying and selling
 * again: the protocol's twice, and the subject's twice unless the attacker is the subject.
 */
export function friendAttack(
  { supply, buy, ethUsd, tvlUsd }: FriendAttack,
  ownsSubject: boolean,
): { readonly ethIn: number; readonly tvlMove: number; readonly costEth: number } {
  const ethIn = shareCost(supply, buy)
  const usd = ethIn * checkedPositive('ETH price', ethUsd)
  return { ethIn, tvlMove: usd / checkedPositive('value locked', tvlUsd), costEth: ethIn * roundTripFee(ownsSubject) }
}

function roundTripFee(ownsSubject: boolean): number {
  return 2 * (PROTOCOL_FEE + (ownsSubject ? 0 : SUBJECT_FEE))
}

/** Dollars won by a position of `notional` dollars on an index of the value locked: notional · move − fees. Negative = lost. */
export function friendAttackProfit(notional: number, attack: FriendAttack, ownsSubject: boolean): number {
  const { tvlMove, costEth } = friendAttack(attack, ownsSubject)
  return checkedNotNegative('notional', notional) * tvlMove - costEth * attack.ethUsd
}

/**
 * The notional in dollars from which the attack pays. Move and fees both grow with the ETH put in, so it is a share of the value locked
 * alone, whatever the size of the purchase: 10 % for the subject's owner. An open interest cap below it is a defence.
 */
export function attackBreakEven(tvlUsd: number, ownsSubject: boolean): number {
  return checkedPositive('value locked', tvlUsd) * roundTripFee(ownsSubject)
}

/**
 * The three averages of the subjects' one-share buy prices, in the unit of the prices: `median`; `middle`, the mean of the middle 8 (of 20:
 * without the 6 lowest and the 6 highest; of 8 or fewer: all; of an odd number one more is left out above); `mean`.
 * Refuses (`bad-number`) an empty list and prices ≤ 0.
 */
export function subjectIndex(prices: readonly number[]): {
  readonly median: number
  readonly middle: number
  readonly mean: number
} {
  checkedPositive('number of subjects', prices.length)
  const sorted = prices.map((price) => checkedPositive('price of a subject', price)).sort((a, b) => a - b)
  const from = Math.max(0, Math.floor((sorted.length - MIDDLE) / 2))
  return {
    median: medianOf(sorted) as number,
    middle: meanOf(sorted.slice(from, from + MIDDLE)),
    mean: meanOf(sorted),
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** One account's liquidation: its time (ms) and the maintenance margin it lost, in dollars. */
export type RefundableLiquidation = { readonly time: number; readonly maintenance: number }

/** The refund of maintenance margins for liquidations from `from` (inclusive) until `until` (exclusive), ms: how many, and dollars. */
export function maintenanceRefund(
  liquidations: readonly RefundableLiquidation[],
  from: number,
  until: number,
): { readonly accounts: number; readonly usd: number } {
  const eligible = liquidations.filter(({ time }) => checkedFinite('time', time) >= from && time < until)
  const usd = eligible.reduce((sum, { maintenance }) => sum + checkedNotNegative('maintenance margin', maintenance), 0)
  return { accounts: eligible.length, usd }
}
