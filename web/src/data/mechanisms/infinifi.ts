/** InfiniFi's tab: where a loss goes, the duration rule, and the redemption queue. */
import { infinifiRules } from '../../../../lib/mechanisms/index.ts'
import type { MechanismField, MechanismInput, WeeksAmount } from '../../state/mechanisms.ts'
import type { BarsChart, FigureOf, Figures, LinesChart, MechanismPanel, StateKind } from './panel.ts'
import { amount, digits, fixed, float, part } from './words.ts'

const WEEK = 604_800
const MILLION = (value: number) => `${amount(value)} M`

const FIELDS: readonly MechanismField[] = [
  {
    ...{ kind: 'number', key: 'loss', label: 'Loss of the assets', unit: 'M iUSD', initial: '12', least: 0, most: 1e6 },
    scale: ({ buffer = 2, locked = 60, savings = 80, liquid = 60 }) => ({
      kind: 'linear',
      from: 0,
      to: buffer + locked + savings + liquid,
      step: 0.5,
    }),
  },
  {
    ...{ kind: 'number', key: 'buffer', label: 'Safety buffer', unit: 'M iUSD', initial: '5', least: 0, most: 1e6 },
    scale: { kind: 'linear', from: 0, to: 50, step: 0.5 },
    hint: 'used only when it covers the whole loss',
  },
  {
    ...{
      kind: 'number',
      key: 'locked',
      label: 'Locked and unwinding',
      unit: 'M iUSD',
      initial: '60',
      least: 0,
      most: 1e6,
    },
    scale: { kind: 'linear', from: 0, to: 200, step: 1 },
  },
  {
    ...{ kind: 'number', key: 'savings', label: 'Savings (siUSD)', unit: 'M iUSD', initial: '80', least: 0, most: 1e6 },
    scale: { kind: 'linear', from: 0, to: 200, step: 1 },
  },
  {
    ...{ kind: 'number', key: 'liquid', label: 'iUSD in wallets', unit: 'M iUSD', initial: '60', least: 0, most: 1e6 },
    scale: { kind: 'linear', from: 0, to: 200, step: 1 },
  },
  {
    ...{
      kind: 'number',
      key: 'max',
      label: 'Losses above this pause',
      unit: '% of supply',
      initial: '60',
      least: 0,
      most: 100,
    },
    scale: { kind: 'linear', from: 0, to: 100, step: 1 },
  },
  { ...{ kind: 'pairs', key: 'locks', label: 'Locks, weeks:M iUSD', initial: '1:6,4:14,8:20,13:20' } },
  {
    ...{ kind: 'pairs', key: 'assets', label: 'Illiquid assets, weeks:M', initial: '2:10,6:14,10:18,13:8' },
    hint: 'weeks until they mature',
  },
  {
    ...{ kind: 'pairs', key: 'queue', label: 'Redemption queue, ticket:M', initial: '1:9,2:4,3:12,4:5' },
    hint: 'first in, first out',
  },
  {
    ...{
      kind: 'number',
      key: 'cash',
      label: 'Money that funds the queue',
      unit: 'M',
      initial: '17',
      least: 0,
      most: 1e6,
    },
    scale: { kind: 'linear', from: 0, to: 60, step: 0.5 },
  },
]

/** The tab. */
export const panel: MechanismPanel = {
  title: 'InfiniFi: tranches of duration',
  summary:
    'Deposits stand in tranches by how long they are locked; a loss goes to the buffer if that covers it, else to the locked, then savings, then everybody who holds iUSD, and assets may run only as long as somebody is locked behind them.',
  exact: {
    kind: 'formula',
    says: 'integers and order of the Solidity source, held to the loss and queue cases of its own tests; not compared with its compiled code',
  },
  formulas: [
    {
      says: 'Loss: the buffer when it is at least the whole loss, else locked and unwinding pro rata → savings → the price of iUSD falls by what is left over what circulates.',
      source: 'YieldSharing.sol: _handleNegativeYield',
      url: 'https://github.com/InfiniFi-Labs/infinifi-protocol/blob/d7ba2d54/src/finance/YieldSharing.sol',
    },
    {
      says: 'Duration rule: for every t, assets that mature after t ≤ liabilities locked beyond t. Reward weight of a lock of k weeks: 1 + 0.02 · k.',
      source: 'LockingController.sol (weights)',
      url: 'https://github.com/InfiniFi-Labs/infinifi-protocol/blob/d7ba2d54/src/locking/LockingController.sol',
    },
    {
      says: 'Redemption: what is at hand is paid at once; the rest waits in a queue that is funded in order, the last ticket in part.',
      source: 'RedemptionPool.sol',
      url: 'https://github.com/InfiniFi-Labs/infinifi-protocol/blob/d7ba2d54/src/funding/RedemptionPool.sol',
    },
  ],
  fields: FIELDS,
  slider: 'loss',
  figures: figuresOf,
}

function figuresOf({ numbers, pairs }: MechanismInput): Figures {
  const { loss = 0, buffer = 0, locked = 0, savings = 0, liquid = 0, max = 0, cash = 0 } = numbers
  const supply = buffer + locked + savings + liquid
  const at = {
    buffer: fixed(buffer),
    locked: fixed(locked),
    savings: fixed(savings),
    supply: fixed(supply),
    price: 10n ** 18n,
  }
  const split = infinifiRules.lossSplit(fixed(loss), at)
  const paused = loss > (supply * max) / 100
  const rule = infinifiRules.durationRule(valued(pairs['assets']), valued(pairs['locks']))
  const worst = rule.reduce((least, one) => (one.room < least.room ? one : least), {
    seconds: 0,
    assets: 0,
    liabilities: 0,
    room: Number.POSITIVE_INFINITY,
  })
  const tickets = (pairs['queue'] ?? []).map(({ weeks, amount: size }) => ({
    recipient: `ticket ${weeks}`,
    amount: fixed(size),
  }))
  const funded = infinifiRules.fundQueue(tickets, fixed(cash), 10n ** 18n)
  return {
    state: stateOf(loss, split, paused),
    conditions: [
      {
        name: 'the duration rule holds',
        holds: worst.room >= 0,
        says:
          worst.room >= 0
            ? 'at every week more is locked beyond it than matures after it.'
            : `broken after ${worst.seconds / WEEK} weeks: ${MILLION(worst.assets)} mature later, only ${MILLION(worst.liabilities)} are locked beyond.`,
      },
      {
        name: 'paused',
        holds: paused,
        says: `the loss is ${part(supply > 0 ? loss / supply : 0, 1)} of the supply; above ${part(max / 100, 0)} nothing is shared out until somebody unpauses.`,
      },
    ],
    facts: factsOf(numbers, split, worst, funded),
    charts: [waterfall({ buffer, locked, savings, liquid }, split), durationChart(rule), queueChart(tickets, funded)],
    code: `import { infinifiRules } from 'breakwater/mechanisms'

const at = { ${Object.entries(at)
      .map(([key, value]) => `${key}: ${value}n`)
      .join(', ')} }
console.log(Number(infinifiRules.lossSplit(${fixed(loss)}n, at).priceAfter) / 1e18)`,
    notes: paused ? ['Above the pause the shares below show what an accrual would do once somebody unpauses.'] : [],
  }
}

type Room = ReturnType<typeof infinifiRules.durationRule>[number]
type Funded = ReturnType<typeof infinifiRules.fundQueue>

function factsOf(
  { loss = 0, locked = 0, savings = 0 }: MechanismInput['numbers'],
  split: Split,
  worst: Room,
  funded: Funded,
): readonly FigureOf[] {
  const price = float(split.priceAfter)
  return [
    {
      id: 'price',
      label: 'iUSD afterwards',
      value: price.toFixed(4),
      note: price < 1 ? part(price - 1) : 'unchanged',
      big: true,
    },
    {
      id: 'locked',
      label: 'locked lose',
      value: MILLION(float(split.locked)),
      note: locked > 0 ? part(float(split.locked) / locked, 1) : '',
      big: true,
    },
    {
      id: 'buffer',
      label: 'buffer used',
      value: MILLION(float(split.buffer)),
      note: split.buffer === 0n && loss > 0 ? 'it does not cover the whole loss' : '',
    },
    {
      id: 'savings',
      label: 'savings lose',
      value: MILLION(float(split.savings)),
      note: savings > 0 ? part(float(split.savings) / savings, 1) : '',
    },
    { id: 'circulation', label: 'carried by the price', value: MILLION(float(split.circulation)) },
    {
      id: 'room',
      label: 'least room of the duration rule',
      value: Number.isFinite(worst.room) ? MILLION(worst.room) : 'none',
      note: `beyond week ${worst.seconds / WEEK}`,
    },
    {
      id: 'queue',
      label: 'tickets still waiting',
      value: String(funded.queue.length),
      note: `${MILLION(float(funded.burnt))} paid out`,
    },
  ]
}

const valued = (pairs: readonly WeeksAmount[] = []) =>
  pairs.map(({ weeks, amount: value }) => ({ value, seconds: weeks * WEEK }))

type Split = ReturnType<typeof infinifiRules.lossSplit>

function stateOf(loss: number, split: Split, paused: boolean): { name: string; kind: StateKind; says: string } {
  if (loss === 0) return { name: 'no loss', kind: 'calm', says: 'Every tranche holds what it held.' }
  if (paused)
    return {
      name: 'paused',
      kind: 'lost',
      says: 'The loss is above the limit: nothing is shared out, and nobody gets out meanwhile.',
    }
  if (split.buffer > 0n)
    return { name: 'covered by the buffer', kind: 'calm', says: 'The buffer covers the whole loss: nobody else loses.' }
  if (split.circulation > 0n)
    return {
      name: 'iUSD falls',
      kind: 'lost',
      says: 'Locked and savings are gone: everybody who holds iUSD carries the rest by its price.',
    }
  if (split.savings > 0n)
    return { name: 'savings slashed', kind: 'hard', says: 'The locked are gone and savings carry the rest.' }
  return {
    name: 'locked slashed',
    kind: 'soft',
    says: 'Locks and what unwinds lose pro rata; iUSD and savings do not.',
  }
}

function waterfall(
  held: Readonly<Record<'buffer' | 'locked' | 'savings' | 'liquid', number>>,
  split: Split,
): BarsChart {
  const [buffer, locked, savings] = [float(split.buffer), float(split.locked), float(split.savings)]
  const row = (name: string, whole: number, lost: number, note = '') => ({
    ...{ name, note },
    parts: [
      { name: 'kept', look: 'held' as const, value: Math.max(0, whole - lost) },
      { name: 'lost', look: 'lost' as const, value: lost },
    ],
  })
  const circulation = Math.min(held.liquid + held.buffer, float(split.circulation))
  return {
    ...{ kind: 'bars', id: 'waterfall', title: 'Waterfall of the loss', say: MILLION },
    summary: `buffer ${MILLION(buffer)} → locked ${MILLION(locked)} → savings ${MILLION(savings)} → price of iUSD ${MILLION(circulation)}`,
    rows: [
      row('1 safety buffer', held.buffer, buffer, 'all or nothing'),
      row('2 locked and unwinding', held.locked, locked, 'pro rata'),
      row('3 savings', held.savings, savings),
      row('4 iUSD, buffer’s included', held.liquid + held.buffer - buffer, circulation, 'by its price'),
    ],
  }
}

function durationChart(
  rule: readonly { readonly seconds: number; readonly assets: number; readonly liabilities: number }[],
): LinesChart {
  const weeks = Math.max(13, ...rule.map(({ seconds }) => seconds / WEEK))
  const most = Math.max(1, ...rule.flatMap(({ assets, liabilities }) => [assets, liabilities]))
  const points = (pick: (one: (typeof rule)[number]) => number) => [
    ...rule.map((one) => [one.seconds / WEEK, pick(one)] as const),
    [weeks, 0] as const,
  ]
  return {
    ...{ kind: 'lines', id: 'duration', title: 'Duration rule: what runs beyond t' },
    summary: 'The line of liabilities must lie on or above the line of assets everywhere.',
    x: { label: 'weeks from now (t)', from: 0, to: weeks, say: (week) => digits(week, 3) },
    y: { label: 'M iUSD', from: 0, to: most * 1.1, say: MILLION },
    lines: [
      {
        name: 'liabilities locked beyond t',
        look: 'kept',
        step: true,
        points: points(({ liabilities }) => liabilities),
      },
      { name: 'assets that mature after t', look: 'sold', step: true, points: points(({ assets }) => assets) },
    ],
    rows: rule.map(({ seconds }) => seconds / WEEK),
  }
}

function queueChart(
  tickets: readonly { readonly recipient: string; readonly amount: bigint }[],
  funded: ReturnType<typeof infinifiRules.fundQueue>,
): BarsChart {
  return {
    ...{ kind: 'bars', id: 'queue', title: 'Redemption queue, in its order', say: MILLION },
    summary: `${funded.claims.length} of ${tickets.length} tickets get money, ${funded.queue.length} wait; ${MILLION(float(funded.unused))} are left over.`,
    rows: tickets.map(({ recipient, amount: size }, index) => {
      const paid = float(funded.claims[index]?.assets ?? 0n)
      return {
        name: recipient,
        parts: [
          { name: 'funded', look: 'kept' as const, value: paid },
          { name: 'waits', look: 'second' as const, value: Math.max(0, float(size) - paid) },
        ],
      }
    }),
  }
}
