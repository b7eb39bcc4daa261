/** What a comparison says, with the conditions under which it says it; and which columns cost nobody who pays less than another. */
import type { ArenaQuestion } from './arena-question.ts'
import type { ArenaRow } from './arena-row.ts'

/**
 * A column as a point: what borrowers, lenders and the protocol with its insurance lost at the prices of the time, per debt, below 0 a gain; `social` is
 * all three. `behind`: columns that cost none of the three more, and one of them less. Whatever liquidators, builders, gas and buyers got stands in
 * `social`, since it was one of the three who paid it.
 */
export type ArenaPoint = {
  readonly id: string
  readonly borrowers: number
  readonly lenders: number
  readonly protocol: number
  readonly social: number
  readonly behind: readonly string[]
}

/** Differences below this part of the debt are none. */
const SAME = 1e-6

/** The points of all finished columns. */
export function paretoOf(rows: readonly ArenaRow[]): readonly ArenaPoint[] {
  const points = rows.filter(({ finished }) => finished).map(pointOf)
  return points.map((one) => ({ ...one, behind: points.filter((other) => isAhead(other, one)).map(({ id }) => id) }))
}

type Costs = Omit<ArenaPoint, 'behind'>

function pointOf({ id, takenShare, lendersCostShare, protocolCostShare, socialCostShare }: ArenaRow): Costs {
  return {
    ...{ id, borrowers: takenShare, lenders: lendersCostShare, protocol: protocolCostShare, social: socialCostShare },
  }
}

function isAhead(one: Costs, other: Costs): boolean {
  const saved = (['borrowers', 'lenders', 'protocol'] as const).map((party) => other[party] - one[party])
  return saved.every((part) => part >= -SAME) && saved.some((part) => part > SAME)
}

/** The conditions in words: crash, book, market, failures, seed. */
export function conditionsOf(question: ArenaQuestion): string {
  const { crash, accounts, debt, lowLtv, highLtv, liquidators, depth, gas, seed } = question
  const [first, lowest] = [crash.prices[0] ?? 0, Math.min(...crash.prices)]
  const hours = ((crash.prices.length - 1) * crash.seconds) / 3_600
  return [
    `the outside price falls by ${percent(1 - lowest / first)} within ${digits(hours)} h (${crash.name})`,
    `${accounts} borrowers owe $${money(debt)} at ${percent(lowLtv)} to ${percent(highLtv)} of their collateral`,
    `$${money(depth)} of sales move the price by 1 %`,
    `${liquidators === 0 ? 'there is no liquidator' : `${liquidators} ${liquidators === 1 ? 'liquidator competes' : 'liquidators compete'}`} at ${digits(gas)} gwei`,
    ...question.failures.map((one) => failureWords(question, one)),
    `seed ${seed}`,
  ].join(', ')
}

/** When a failure begins, seconds from the start: as said, or when half of the fall has happened. */
export function failureStart({ crash }: ArenaQuestion, from: number | undefined): number {
  if (from !== undefined) return from
  const [first, lowest] = [crash.prices[0] ?? 0, Math.min(...crash.prices)]
  return (
    crash.seconds *
    Math.max(
      0,
      crash.prices.findIndex((price) => price <= (first + lowest) / 2),
    )
  )
}

function failureWords(question: ArenaQuestion, { kind, value, from }: ArenaQuestion['failures'][number]): string {
  const since = `from ${minutes(failureStart(question, from))}`
  switch (kind) {
    case 'liquidators':
      return `liquidators absent for ${minutes(value)} ${since}`
    case 'rpc':
      return `keepers and arbitrageurs cut off for ${minutes(value)} ${since}`
    case 'stale':
      return `the oracle stands still for ${minutes(value)} ${since}`
    case 'down':
      return `the oracle does not answer for ${minutes(value)} ${since}`
    case 'late':
      return `the oracle is ${minutes(value)} late ${since}`
    case 'congestion':
      return `gas at ${digits(value)} gwei ${since}`
  }
}

/** The sentence. It names what was least and most; which mechanism anybody should use it does not know. */
export function verdictOf(question: ArenaQuestion, rows: readonly ArenaRow[]): string {
  const done = rows.filter(({ finished }) => finished)
  const conditions = `In this crash, where ${conditionsOf(question)}:`
  if (done.length < question.columns.length || done.length === 0)
    return `${conditions} ${done.length} of ${question.columns.length} columns were finished; nothing is compared.`
  const bad = done.filter(({ badDebtShare }) => badDebtShare > SAME).sort((a, b) => b.badDebt - a.badDebt)
  const lowest = [...done].sort((a, b) => a.low - b.low)[0] as ArenaRow
  const due = done.filter(({ dueAtEnd }) => dueAtEnd > 0)
  return [
    conditions,
    ...socialWords(done),
    takenWords(done),
    bad.length === 0
      ? 'no column left bad debt;'
      : `bad debt was left by ${bad.length} of ${done.length}, most by ${bad[0]?.id} ($${money(bad[0]?.badDebt ?? 0)});`,
    ...lendersWords(question, done),
    `the market went lowest with ${lowest.id} ($${digits(lowest.low)}, ${percent(lowest.overshoot)} below the outside price at worst).`,
    ...aheadWords(done),
    ...givenWords(done),
    ...(due.length > 0
      ? [`Still due at the end: ${due.map(({ id, dueAtEnd }) => `${dueAtEnd} in ${id}`).join(', ')}.`]
      : []),
    'Each column has its own rules and the same market alone; another crash, book, depth or seed may order them differently.',
  ].join(' ')
}

/** What all who pay lost together, least and most. */
function socialWords(done: readonly ArenaRow[]): readonly string[] {
  const sorted = [...done].sort((a, b) => a.socialCostShare - b.socialCostShare)
  const [least, most] = [sorted[0] as ArenaRow, sorted.at(-1) as ArenaRow]
  const words = (row: ArenaRow) => `${part(row.socialCostShare)} of the debt`
  return [
    done.length === 1
      ? `borrowers, lenders and the protocol together lost ${words(least)} in ${least.id};`
      : `borrowers, lenders and the protocol together lost least in ${least.id} (${words(least)}) and most in ${most.id} (${words(most)});`,
  ]
}

/** What acting took from borrowers, least and most. */
function takenWords(done: readonly ArenaRow[]): string {
  const sorted = [...done].sort((a, b) => a.takenShare - b.takenShare)
  const [least, most] = [sorted[0] as ArenaRow, sorted.at(-1) as ArenaRow]
  return done.length === 1
    ? `acting took ${part(least.takenShare)} of it from borrowers;`
    : `acting took least from borrowers in ${least.id} (${part(least.takenShare)}) and most in ${most.id} (${part(most.takenShare)});`
}

/** Where lenders lost most: what no bad debt tells where they lend something else than dollars. */
function lendersWords({ debt }: ArenaQuestion, done: readonly ArenaRow[]): readonly string[] {
  const worst = [...done].sort((a, b) => b.lendersCost - a.lendersCost)[0]
  if (!worst || worst.lendersCost <= SAME * debt) return []
  const impermanent =
    worst.impermanent > SAME * debt ? `, $${money(worst.impermanent)} of it because lent liquidity buys what falls` : ''
  return [
    `lenders lost most with ${worst.id} ($${money(worst.lendersCost)}, ${percent(worst.lendersCostShare)} of the debt${impermanent});`,
  ]
}

/** Which columns no other is ahead of; the plot fills the same points. */
function aheadWords(done: readonly ArenaRow[]): readonly string[] {
  if (done.length === 1) return []
  const points = paretoOf(done)
  const ahead = points.filter(({ behind }) => behind.length === 0).map(({ id }) => id)
  return [
    ahead.length === 1
      ? `No other column costs borrowers, lenders or the protocol less than ${ahead[0]}.`
      : `None costs each of borrowers, lenders and the protocol least: no other column is ahead of ${listed(ahead)}.`,
  ]
}

const listed = (names: readonly string[]) => `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`

/** What a share below 0 means, where there is one. */
function givenWords(done: readonly ArenaRow[]): readonly string[] {
  const given = done.filter(({ takenShare }) => takenShare < -SAME)
  if (given.length === 0) return []
  const rented = given.some(({ mechanism }) => mechanism === 'bamm')
    ? ' (in a BAMM the rented liquidity they owe, which arbitrageurs’ trades make cheaper)'
    : ''
  return [
    `Less than 0 was taken in ${given.map(({ id }) => id).join(', ')}: acting shrank what borrowers owe${rented} by more than it cost them, and others bear that.`,
  ]
}

const part = (value: number) => `${(100 * value).toFixed(2)} %`.replace(/^-/, '−')
const percent = (value: number) => `${digits(100 * value)} %`
const digits = (value: number) => String(Number(value.toPrecision(4))).replace(/^-/, '−')
const minutes = (seconds: number) => (seconds >= 5_400 ? `${digits(seconds / 3_600)} h` : `${digits(seconds / 60)} min`)

function money(usd: number): string {
  const steps = [
    [1e9, ' B'],
    [1e6, ' M'],
    [1e3, ' k'],
  ] as const
  for (const [unit, word] of steps) if (Math.abs(usd) >= unit) return `${digits(usd / unit)}${word}`
  return digits(usd)
}
