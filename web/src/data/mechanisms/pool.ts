/** The stability pool's tab: one liquidation through Liquity v1 itself, deposits before and after, and who takes what the pool cannot. */
import {
  emptyLusdState,
  type LusdAction,
  type LusdState,
  liquityV1,
  liquityV1Pool,
  liquityV1Rules,
  wasRefused,
} from '../../../../lib/mechanisms/index.ts'
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
import { amount, digits, dollars, fixed, float, momentOf, part } from './words.ts'

const START = 1_700_000_000
const PAST = 15 * 86_400
const RISKY = 'risky trove'
const OTHERS = ['trove B', 'trove C'] as const
/** How the other troves share the collateral of all others. */
const OTHER_SHARES = [0.6, 0.4] as const
const DEPOSITORS = ['deposit 1', 'deposit 2', 'deposit 3'] as const

const FIELDS: readonly MechanismField[] = [
  {
    ...{ kind: 'number', key: 'price', label: 'Price of ETH now', unit: '$', initial: '1580', over: 0, most: 1e7 },
    scale: ({ debt = 15_000, coll = 10 }) => ({
      kind: 'linear',
      from: (debt / coll) * 0.7,
      to: (debt / coll) * 1.5,
      step: debt / coll / 500,
    }),
  },
  {
    ...{
      kind: 'number',
      key: 'coll',
      label: 'Risky trove’s collateral',
      unit: 'ETH',
      initial: '10',
      over: 0,
      most: 1e6,
    },
    scale: { kind: 'log', from: 1, to: 100, digits: 2 },
  },
  {
    ...{
      kind: 'number',
      key: 'debt',
      label: 'Risky trove’s debt',
      unit: 'LUSD',
      initial: '15000',
      least: 2_000,
      most: 1e9,
    },
    scale: { kind: 'log', from: 2_000, to: 200_000, digits: 3 },
    hint: '200 LUSD of it are set aside for whoever liquidates',
  },
  {
    ...{ kind: 'number', key: 'd1', label: 'Deposit 1', unit: 'LUSD', initial: '12000', least: 0, most: 1e9 },
    scale: { kind: 'linear', from: 0, to: 30_000, step: 100 },
  },
  {
    ...{ kind: 'number', key: 'd2', label: 'Deposit 2', unit: 'LUSD', initial: '6000', least: 0, most: 1e9 },
    scale: { kind: 'linear', from: 0, to: 30_000, step: 100 },
  },
  {
    ...{ kind: 'number', key: 'd3', label: 'Deposit 3', unit: 'LUSD', initial: '2000', least: 0, most: 1e9 },
    scale: { kind: 'linear', from: 0, to: 30_000, step: 100 },
  },
  {
    ...{
      kind: 'number',
      key: 'others',
      label: 'Other troves’ collateral',
      unit: 'ETH',
      initial: '100',
      least: 5,
      most: 1e6,
    },
    scale: { kind: 'log', from: 10, to: 1_000, digits: 2 },
  },
  {
    ...{
      kind: 'number',
      key: 'odebt',
      label: 'Other troves’ debt',
      unit: 'LUSD',
      initial: '60000',
      least: 5_000,
      most: 1e9,
    },
    scale: { kind: 'log', from: 5_000, to: 1_000_000, digits: 3 },
    hint: 'below 150 % of everything together recovery mode begins',
  },
]

/** The tab. */
export const panel: MechanismPanel = {
  title: 'Stability pool: Liquity v1',
  summary:
    'Depositors’ LUSD cancels the debt of a trove below 110 % and they get its collateral, in one product and one sum without a loop over depositors; what the pool cannot take is spread over the other troves, so nobody has to buy anything.',
  exact: {
    kind: 'bytecode',
    says: 'compared with the compiled contracts on 54,800 random calls: no difference; Liquity v2’s on 23,000',
  },
  formulas: [
    {
      says: 'A deposit d made at (P₀, S₀) is now d · P / P₀ and has gained d · (S − S₀) / P₀ of collateral. A liquidation of debt Q against deposits D multiplies P by 1 − Q/D (loss rounded up) and adds P · collateral / D to S.',
      source: 'StabilityPool.sol: offset, _updateRewardSumAndProduct',
      url: 'https://github.com/liquity/dev/blob/b9a16d05/packages/contracts/contracts/StabilityPool.sol',
    },
    {
      says: 'The rest is redistributed: debt and collateral per unit of stake to all other troves. The liquidator pays nothing and gets 200 LUSD and 0.5 % of the collateral.',
      source: 'TroveManager.sol: _getOffsetAndRedistributionVals, _redistributeDebtAndColl',
      url: 'https://github.com/liquity/dev/blob/b9a16d05/packages/contracts/contracts/TroveManager.sol',
    },
  ],
  fields: FIELDS,
  slider: 'price',
  figures: figuresOf,
}

function figuresOf({ numbers }: MechanismInput): Figures | Refusal {
  const { price = 0, coll = 0, debt = 0 } = numbers
  const made = systemOf(numbers)
  if ('refused' in made) return made
  const before = made.state
  const at = momentOf(START, fixed(price))
  const after = structuredClone(before)
  const done = liquityV1.apply(after, { do: 'liquidate', account: RISKY, liquidator: 'anyone' }, at)
  const liquidated = !wasRefused(done)
  const moved = wasRefused(done) ? {} : (done.moved ?? {})
  const [offset, spread] = [float(moved['debtToOffset'] ?? 0n), float(moved['debtToRedistribute'] ?? 0n)]
  const icr = (coll * price) / debt
  const tcr = float(liquityV1Rules.totalRatio(before, fixed(price)))
  const gained = float(moved['collToPool'] ?? 0n)
  return {
    state: stateOf({ liquidated, icr, tcr, offset, spread, emptied: after.pool.epoch > before.pool.epoch }),
    conditions: [
      {
        name: 'the trove is liquidatable',
        holds: liquidated,
        says: `its ratio is ${part(icr, 1)}; below 110 % in normal mode, that is at ${dollars((1.1 * debt) / coll)} and below.${wasRefused(done) ? ` The contract says: ${done.refused.code}.` : ''}`,
      },
      {
        name: 'recovery mode',
        holds: tcr < 1.5,
        says: `all troves together stand at ${part(tcr, 1)}; below 150 % also troves above 110 % may be taken.`,
      },
    ],
    facts: [
      { id: 'icr', label: 'trove’s ratio', value: part(icr, 1), big: true },
      {
        id: 'offset',
        label: 'debt cancelled by the pool',
        value: liquidated ? `${amount(offset)} LUSD` : 'nothing',
        note: liquidated ? `against ${digits(gained, 5)} ETH` : 'healthy',
        big: true,
      },
      {
        id: 'spread',
        label: 'debt to other troves',
        value: spread > 0 ? `${amount(spread)} LUSD` : 'nothing',
        note: spread > 0 ? `with ${digits(float(moved['collToRedistribute'] ?? 0n), 5)} ETH` : '',
      },
      {
        id: 'gain',
        label: 'depositors’ result at this price',
        value: liquidated ? dollars(gained * price - offset) : 'none',
        note: offset > 0 ? part((gained * price) / offset - 1) : '',
      },
      {
        id: 'p',
        label: 'product P',
        value: digits(float(after.pool.P), 8),
        note: `was ${digits(float(before.pool.P), 8)}; epoch ${after.pool.epoch}, scale ${after.pool.scale}`,
      },
      {
        id: 'liquidator',
        label: 'liquidator gets',
        value: liquidated ? `200 LUSD + ${digits(float(moved['collGasCompensation'] ?? 0n), 4)} ETH` : 'nothing',
      },
    ],
    charts: [depositsChart(before, after, price), trovesChart(before, after), priceChart(numbers, price)],
    code: codeOf(before, moved),
    notes: [
      'The other troves are two, with 60 and 40 % of the others’ collateral and debt.',
      'A pool that is emptied begins a new epoch: old deposits are then nothing but their gains.',
    ],
  }
}

/** Troves opened at a high price, then the deposits. */
function systemOf({
  coll = 0,
  debt = 0,
  others = 0,
  odebt = 0,
  d1 = 0,
  d2 = 0,
  d3 = 0,
}: MechanismInput['numbers']): { readonly state: LusdState } | Refusal {
  const state = emptyLusdState('ETH', BigInt(START - PAST))
  const high = momentOf(START - 1, fixed(1e6))
  const opens: (readonly [LusdAction, string])[] = [
    ...OTHERS.map(
      (account, index) =>
        [openOf(account, others * (OTHER_SHARES[index] ?? 0), odebt * (OTHER_SHARES[index] ?? 0)), 'odebt'] as const,
    ),
    [openOf(RISKY, coll, debt), 'debt'] as const,
    ...DEPOSITORS.flatMap((account, index) => {
      const lusd = [d1, d2, d3][index] ?? 0
      return lusd > 0 ? [[{ do: 'provide', account, lusd: fixed(lusd) } as LusdAction, `d${index + 1}`] as const] : []
    }),
  ]
  for (const [action, field] of opens) {
    const done = liquityV1.apply(state, action, high)
    if (wasRefused(done)) return { refused: `The contract says: ${done.refused.message}.`, field }
  }
  return { state }
}

/** A trove whose whole debt, fee of 0.5 % and reserve of 200 LUSD included, is `debt`. */
function openOf(account: string, coll: number, debt: number): LusdAction {
  return { do: 'open', account, coll: fixed(coll), lusd: (fixed(debt - 200) * 1_000n) / 1_005n, maxFee: fixed(0.05) }
}

function stateOf(at: {
  liquidated: boolean
  icr: number
  tcr: number
  offset: number
  spread: number
  emptied: boolean
}): { name: string; kind: StateKind; says: string } {
  if (!at.liquidated)
    return {
      name: 'healthy',
      kind: 'calm',
      says: 'Nothing is liquidated at this price: deposits and troves stay as they are.',
    }
  if (at.icr < 1 && at.offset > 0)
    return {
      name: 'liquidated at a loss',
      kind: 'lost',
      says: 'The collateral is worth less than the debt that it cancels: the depositors lose the difference.',
    }
  if (at.offset === 0)
    return {
      name: 'redistributed',
      kind: 'lost',
      says: 'The pool takes nothing: the other troves get all of the debt and its collateral.',
    }
  if (at.spread > 0)
    return {
      name: 'pool emptied, rest redistributed',
      kind: 'lost',
      says: 'The pool cancels what it can; the other troves get the rest of the debt with its part of the collateral.',
    }
  return {
    name: 'liquidated against the pool',
    kind: 'soft',
    says: 'Deposits shrink by the cancelled debt and gain collateral worth more than it.',
  }
}

function depositsChart(before: LusdState, after: LusdState, price: number): BarsChart {
  const row = (state: LusdState, account: string, when: string) => {
    const deposit = state.pool.deposits.get(account)
    const left = float(liquityV1Pool.compoundedDeposit(state.pool, deposit))
    const gain = float(liquityV1Pool.depositGain(state.pool, deposit))
    return {
      name: `${account}, ${when}`,
      note: gain > 0 ? `${digits(gain, 5)} ETH` : '',
      parts: [
        { name: 'LUSD left', look: 'held' as const, value: left },
        { name: 'collateral gained, at the price', look: 'kept' as const, value: gain * price },
      ],
    }
  }
  const owners = DEPOSITORS.filter((account) => before.pool.deposits.has(account))
  return {
    ...{ kind: 'bars', id: 'deposits', title: 'Deposits before and after, in dollars', say: dollars },
    summary:
      owners.length === 0
        ? 'The pool is empty.'
        : `P goes from ${digits(float(before.pool.P), 6)} to ${digits(float(after.pool.P), 6)}: every deposit shrinks by the same part.`,
    rows: owners.flatMap((account) => [row(before, account, 'before'), row(after, account, 'after')]),
  }
}

function trovesChart(before: LusdState, after: LusdState): BarsChart {
  const row = (state: LusdState, account: string, when: string) => {
    const trove = state.troves.get(account)
    const { debt, pendingDebt } = trove ? liquityV1Rules.latestTrove(state, trove) : { debt: 0n, pendingDebt: 0n }
    return {
      name: `${account}, ${when}`,
      note: trove ? '' : 'closed',
      parts: [
        { name: 'own debt', look: 'held' as const, value: float(debt - pendingDebt) },
        { name: 'redistributed to it', look: 'lost' as const, value: float(pendingDebt) },
      ],
    }
  }
  return {
    ...{
      kind: 'bars',
      id: 'troves',
      title: 'Debts of the troves before and after',
      say: (value) => `${amount(value)} LUSD`,
    },
    summary: 'What the pool cannot cancel is added to the other troves by their stake.',
    rows: [RISKY, ...OTHERS].flatMap((account) => [row(before, account, 'before'), row(after, account, 'after')]),
  }
}

/** What depositors gain or lose per LUSD of cancelled debt, over the price: the rule is linear in it once the trove is taken. */
function priceChart(numbers: MechanismInput['numbers'], now: number): LinesChart {
  const { coll = 0, debt = 0 } = numbers
  const line = (1.1 * debt) / coll
  const [from, to] = [line * 0.7, line * 1.1]
  const prices = [...steps(from, to, 60), line * (1 - 1e-9), line, now].sort((a, b) => a - b)
  const gain = (price: number) => (price < line ? (coll * 0.995 * price) / debt - 1 : 0)
  return {
    ...{ kind: 'lines', id: 'gain', title: 'What a cancelled LUSD gains, over the price at which it happens', now },
    summary: `At the line of ${dollars(line)} ${part(gain(line * 0.999999), 1)}; nothing is left of it at ${dollars(debt / coll / 0.995)}.`,
    x: { label: 'price of ETH', from, to, say: dollars },
    y: { label: 'gain', from: -0.28, to: 0.13, say: (value) => part(value, 0) },
    lines: [{ name: 'gain per LUSD', look: 'main', points: prices.map((price) => [price, gain(price)] as const) }],
    cuts: [
      { name: '110 %', look: 'warn', x: line },
      { name: 'loss below', look: 'lost', y: 0 },
    ],
    rows: prices.filter((_, index) => index % 5 === 0),
  }
}

function codeOf(before: LusdState, moved: Readonly<Record<string, bigint>>): string {
  const { pool } = before
  return `import { liquityV1Pool } from 'breakwater/mechanisms'

const pool = liquityV1Pool.emptyPool()
${[...pool.deposits].map(([account, { initial }]) => `liquityV1Pool.putDeposit(pool, '${account}', ${initial}n)`).join('\n')}
pool.totalDeposits = ${pool.totalDeposits}n
liquityV1Pool.offset(pool, ${moved['debtToOffset'] ?? 0n}n, ${moved['collToPool'] ?? 0n}n)
console.log(Number(pool.P) / 1e18)`
}
