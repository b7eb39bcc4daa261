/** BOB's tab: a bitcoin vault, the size that brings it back to its target, and what each path of settlement costs. */
import { type BobPath, type BobTerms, bob, bobRules, bobState, wasRefused } from '../../../../lib/mechanisms/index.ts'
import type { MechanismField, MechanismInput } from '../../state/mechanisms.ts'
import {
  type BarsChart,
  type Figures,
  type LinesChart,
  type MechanismPanel,
  type Refusal,
  type StateKind,
  steps,
} from './panel.ts'
import { amount, digits, dollars, duration, fixed, float, momentOf, part } from './words.ts'

const START = 1_700_000_000
const VAULT = 'vault'
const SATS = 100_000_000n

const FIELDS: readonly MechanismField[] = [
  {
    ...{ kind: 'number', key: 'price', label: 'Price of bitcoin now', unit: '$', initial: '82000', over: 0, most: 1e8 },
    scale: ({ debt = 70_000 }) => ({
      kind: 'linear',
      from: Math.round(debt * 0.9),
      to: Math.round(debt * 1.6),
      step: 100,
    }),
  },
  {
    ...{
      kind: 'choice',
      key: 'path',
      label: 'Path that is open',
      initial: 'slow',
      options: ['atomic', 'fast', 'slow'],
    },
    hint: 'atomic: the borrower pre-signed; fast: signers answer; slow: assertion and challenge window',
  },
  {
    ...{ kind: 'number', key: 'debt', label: 'Debt of a 1 BTC vault', unit: '$', initial: '70000', over: 0, most: 1e8 },
    scale: { kind: 'log', from: 10_000, to: 200_000, digits: 3 },
  },
  {
    ...{ kind: 'number', key: 'line', label: 'Liquidation LTV', unit: '%', initial: '85', over: 1, most: 99 },
    scale: { kind: 'linear', from: 50, to: 95, step: 1 },
  },
  {
    ...{ kind: 'number', key: 'target', label: 'Target LTV', unit: '%', initial: '75', over: 0, most: 98 },
    scale: { kind: 'linear', from: 30, to: 90, step: 1 },
  },
  {
    ...{ kind: 'number', key: 'bonus', label: 'Bonus offered', unit: '%', initial: '5', least: 0, most: 50 },
    scale: { kind: 'linear', from: 0, to: 20, step: 0.25 },
  },
  {
    ...{
      kind: 'number',
      key: 'sigma',
      label: 'Volatility of bitcoin',
      unit: '% per √day',
      initial: '3',
      least: 0,
      most: 100,
    },
    scale: { kind: 'linear', from: 0, to: 12, step: 0.25 },
  },
  {
    ...{ kind: 'number', key: 'fast', label: 'Fast path takes', unit: 'min', initial: '60', over: 0, most: 10_000 },
    scale: { kind: 'linear', from: 10, to: 120, step: 10 },
    hint: '1 to 6 Bitcoin blocks',
  },
  {
    ...{
      kind: 'number',
      key: 'assert',
      label: 'Until an operator asserts',
      unit: 'days',
      initial: '1',
      least: 0,
      most: 60,
    },
    scale: { kind: 'linear', from: 0, to: 7, step: 0.5 },
  },
  {
    ...{ kind: 'number', key: 'window', label: 'Challenge window', unit: 'days', initial: '7', least: 0, most: 90 },
    scale: { kind: 'linear', from: 0, to: 21, step: 0.5 },
  },
]

/** The tab. */
export const panel: MechanismPanel = {
  title: 'BOB: liquidating bitcoin that is still on Bitcoin',
  summary:
    'A liquidator repays only what brings the loan back to its target LTV; what he gets is bitcoin, at once if the borrower pre-signed, within blocks if signers answer, after a challenge window if not, and waiting costs a bonus of about σ·√t.',
  exact: {
    kind: 'model',
    says: 'built from the design paper of October 2025; there is no deployed code to compare with',
  },
  formulas: [
    {
      says: 'Repayment r = (D − τ·V) / (1 − τ·(1 + b)): debt D, value V, target τ, bonus b. Then debt / value is τ again.',
      source: 'liquidation-engine.pdf, partial liquidation',
      url: 'https://github.com/bob-collective/bob/blob/4bd58bb1/docs/static/liquidation-engine.pdf',
    },
    {
      says: 'Paths fall back atomic → fast → slow. Capital is locked for r × the time of the path; the bonus that pays for the price risk meanwhile is σ·√t.',
      source: 'liquidation-engine.pdf, settlement paths',
      url: 'https://github.com/bob-collective/bob/blob/4bd58bb1/docs/static/liquidation-engine.pdf',
    },
  ],
  fields: FIELDS,
  slider: 'price',
  figures: figuresOf,
}

function figuresOf({ numbers, words }: MechanismInput): Figures | Refusal {
  const { price = 0, debt = 0, bonus = 0, sigma = 0 } = numbers
  const terms = termsOf(numbers)
  if (terms.targetLtv >= terms.liquidationLtv)
    return { refused: 'The target must be below the liquidation LTV.', field: 'target' }
  const path = words['path'] as BobPath
  const { state, at, deal } = liquidated(terms, debt, price, path)
  const ltv = debt / price
  // Before anything is due, the paths are compared for the sale that would be due at the line.
  const due =
    deal?.repaid ??
    bobRules.partialToTarget((debt / Number(numbers['line'])) * 100, debt, float(terms.targetLtv), bonus / 100).repay
  const costs = bobRules.pathCosts(terms, due, sigma / 100)
  const own = costs.find((one) => one.path === path)
  const claim = [...state.claims.values()][0]
  const after = deal ? bob.assess(state, VAULT, at) : undefined
  const ltvAfter = after ? float(after.required) / float(after.equity + after.required) : ltv
  return {
    state: stateOf(ltv, numbers['line'] ?? 0, deal, path),
    conditions: [
      {
        name: 'liquidatable',
        holds: deal !== undefined,
        says: `LTV ${part(ltv)}; from ${part(float(terms.liquidationLtv), 0)} on, that is at ${dollars(debt / float(terms.liquidationLtv))} and below.`,
      },
      {
        ...{ name: 'the bonus pays for the wait', holds: (own?.neededBonus ?? 0) <= bonus / 100 },
        says: `${path} takes ${duration(own?.seconds ?? 0)}: the price risk asks for ${part(own?.neededBonus ?? 0)}, ${part(bonus / 100)} is offered.`,
      },
    ],
    facts: [
      { id: 'ltv', label: 'LTV', value: part(ltv), big: true },
      {
        id: 'repay',
        label: 'repaid to reach the target',
        value: deal ? dollars(deal.repaid) : 'nothing',
        note: deal ? part(deal.repaid / debt, 1) : 'healthy',
        big: true,
      },
      {
        id: 'seized',
        label: 'bitcoin taken',
        value: deal ? `${digits(deal.btc, 5)} BTC` : 'none',
        note: claim ? `paid after ${duration(Number(claim.ready) - Number(at.time))}` : '',
      },
      { id: 'after', label: 'LTV afterwards', value: part(ltvAfter) },
      {
        id: 'locked',
        label: 'capital locked',
        value: `${amount(own?.capitalDays ?? 0)} $·days`,
        note: `${dollars(due)} for ${duration(own?.seconds ?? 0)}`,
      },
      { id: 'needed', label: 'bonus needed for the wait', value: part(own?.neededBonus ?? 0) },
      { id: 'lost', label: 'bad debt', value: deal && deal.lost > 0 ? dollars(deal.lost) : 'none' },
    ],
    charts: [sizeChart(terms, debt, price), timeChart(costs), bonusChart(costs, sigma / 100, bonus / 100)],
    code: codeOf(debt, price, numbers),
    notes: [
      'What a partial liquidation leaves is bridged with it, so the next liquidation of the same vault is atomic.',
      'A disputed assertion starts its window anew.',
    ],
  }
}

function termsOf(numbers: MechanismInput['numbers']): BobTerms {
  const { line = 0, target = 0, bonus = 0, fast = 0, assert = 0, window = 0 } = numbers
  return {
    ...{
      liquidationLtv: fixed(line / 100),
      targetLtv: fixed(target / 100),
      bonus: fixed(bonus / 100),
      ratePerSecond: 0n,
    },
    ...{ fastSeconds: BigInt(Math.round(fast * 60)), assertSeconds: BigInt(Math.round(assert * 86_400)) },
    challengeSeconds: BigInt(Math.round(window * 86_400)),
  }
}

type Deal = { readonly repaid: number; readonly btc: number; readonly lost: number }

/** A vault of 1 BTC that is liquidated at a price along a path, if it can be. */
function liquidated(terms: BobTerms, debt: number, price: number, path: BobPath) {
  const state = bobState(terms, 'BTC', BigInt(START))
  const high = momentOf(START, fixed((debt / float(terms.targetLtv)) * 1.01, 8))
  const at = momentOf(START + 1, fixed(price, 8))
  bob.apply(state, { do: 'lock', vault: VAULT, amount: SATS }, high)
  bob.apply(state, { do: 'borrow', vault: VAULT, amount: fixed(debt) }, high)
  if (path === 'atomic') bob.apply(state, { do: 'authorise', vault: VAULT, until: BigInt(START + 86_400) }, high)
  const done = bob.apply(state, { do: 'liquidate', vault: VAULT, liquidator: 'anyone', repay: fixed(debt), path }, at)
  if (wasRefused(done)) return { state, at, deal: undefined }
  const { repaid = 0n, sats = 0n, lost = 0n } = done.moved ?? {}
  const deal: Deal = { repaid: float(repaid), btc: float(sats, 8), lost: float(lost) }
  return { state, at, deal }
}

function stateOf(
  ltv: number,
  line: number,
  deal: Deal | undefined,
  path: BobPath,
): { name: string; kind: StateKind; says: string } {
  if (!deal)
    return {
      name: 'locked, healthy',
      kind: 'calm',
      says: `Liquidatable from an LTV of ${part(line / 100, 0)} on; it is ${part(ltv, 1)}.`,
    }
  if (deal.lost > 0)
    return {
      name: 'bad debt',
      kind: 'lost',
      says: `All bitcoin is taken and ${dollars(deal.lost)} of debt is left without any.`,
    }
  const then = {
    atomic: 'settled in the same transaction',
    fast: 'FAST_PENDING until the signers’ blocks have passed',
    slow: 'SLOW_ASSERTED, then the challenge window, then settled',
  }
  return {
    name: deal.btc >= 1 ? 'liquidated wholly' : 'liquidated in part',
    kind: deal.btc >= 1 ? 'hard' : 'soft',
    says: `The liquidator’s claim is ${then[path]}.`,
  }
}

function sizeChart(terms: BobTerms, debt: number, price: number): LinesChart {
  const [line, target] = [float(terms.liquidationLtv), float(terms.targetLtv)]
  const [from, to] = [debt * 0.9, Math.max((debt / line) * 1.08, price * 1.02)]
  // Both sides of the jump at the line, and the slider's place, stand in the line itself.
  const exact = [(debt / line) * (1 - 1e-9), (debt / line) * (1 + 1e-9), price]
  const prices = [...steps(from, to, 80), ...exact].sort((a, b) => a - b)
  const at = (one: number) => (debt / one < line ? 0 : float(bobRules.repayToTargetUp(terms, fixed(debt), fixed(one))))
  return {
    ...{ kind: 'lines', id: 'size', title: 'How much a liquidation repays', now: price },
    summary: `Nothing above ${dollars(debt / line)}; there the first sale repays ${dollars(at(debt / line - 1))} to come back to ${part(target, 0)}.`,
    x: { label: 'price of bitcoin', from, to, say: dollars },
    y: { label: 'repaid, $', from: 0, to: debt * 1.05, say: dollars },
    lines: [{ name: 'repaid', look: 'sold', points: prices.map((one) => [one, at(one)] as const) }],
    cuts: [
      { name: 'all debt', look: 'edge', y: debt },
      { name: 'line', look: 'warn', x: debt / line },
    ],
    rows: prices.filter((_, index) => index % 8 === 0),
  }
}

function timeChart(costs: readonly PathCost[]): BarsChart {
  // Lengths by the logarithm of seconds: the paths differ by four decades.
  const length = (seconds: number) => Math.log10(1 + seconds)
  const longest = Math.max(...costs.map(({ seconds }) => seconds))
  const marks = [60, 3_600, 86_400].filter((seconds) => length(seconds) < length(longest) * 0.8)
  return {
    ...{ kind: 'bars', id: 'paths', title: 'Timeline: from trigger to bitcoin in hand, log scale' },
    ticks: [
      { at: 0, label: 'trigger' },
      ...marks.map((seconds) => ({
        at: length(seconds),
        label: duration(seconds).replace('60 s', '1 min').replace('60 min', '1 h'),
      })),
      { at: length(longest), label: duration(longest) },
    ],
    summary: costs.map(({ path, seconds }) => `${path} ${duration(seconds)}`).join(', '),
    say: (value) => duration(Math.round(10 ** value - 1)),
    rows: costs.map(({ path, seconds, capitalDays }) => ({
      name: path,
      note: `${amount(Math.round(capitalDays))} $·days locked`,
      parts: [{ name: 'time until the bitcoin is paid', look: 'main' as const, value: length(seconds) }],
    })),
  }
}

type PathCost = ReturnType<typeof bobRules.pathCosts>[number]

function bonusChart(costs: readonly PathCost[], sigma: number, offered: number): LinesChart {
  const longest = Math.max(1, ...costs.map(({ seconds }) => seconds / 86_400))
  const days = steps(0, longest, 80)
  const most = Math.max(offered, bobRules.waitingBonus(sigma, longest)) * 1.1 || 0.01
  return {
    ...{ kind: 'lines', id: 'bonus', title: 'Bonus that the price risk of waiting asks for' },
    summary: `${costs.map(({ path, neededBonus }) => `${path} ${part(neededBonus)}`).join(', ')}; offered ${part(offered)}.`,
    x: {
      label: 'time of waiting',
      from: 0,
      to: longest,
      seconds: 86_400,
      say: (day) => (day === 0 ? '0' : duration(Math.round(day * 86_400))),
    },
    y: { label: 'bonus, of the debt', from: 0, to: most, say: (value) => part(value, 1) },
    lines: [
      { name: 'σ·√t', look: 'main', points: days.map((day) => [day, bobRules.waitingBonus(sigma, day)] as const) },
    ],
    cuts: [
      { name: 'offered', look: 'kept', y: offered },
      ...costs.map(({ path, seconds }) => ({ name: path, look: 'edge' as const, x: seconds / 86_400 })),
    ],
    rows: [...costs.map(({ seconds }) => seconds / 86_400), ...days.filter((_, index) => index % 16 === 0)].sort(
      (a, b) => a - b,
    ),
  }
}

function codeOf(debt: number, price: number, { target = 0, bonus = 0 }: MechanismInput['numbers']): string {
  return `import { bobRules } from 'breakwater/mechanisms'

console.log(bobRules.partialToTarget(${price}, ${debt}, ${target / 100}, ${bonus / 100}).repay)`
}
