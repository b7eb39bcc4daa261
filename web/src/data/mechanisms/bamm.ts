/** BAMM's tab: a vault that rents liquidity, a price that does not move its LTV, and time that does. */
import {
  type BammAction,
  type BammState,
  bamm,
  bammRules,
  bammState,
  wasRefused,
} from '../../../../lib/mechanisms/index.ts'
import { assert } from '../../../../lib/model/index.ts'
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
import { amount, change, digits, dollars, fixed, float, momentOf, part } from './words.ts'

const WAD = 10n ** 18n
const DAY = 86_400
/** Liquidity of the pair, √k: 1,000 ETH against dollars. */
const POOL_ETH = 1_000
const VAULT = 'vault'
const MOST_DAYS = 1_460

const FIELDS: readonly MechanismField[] = [
  {
    ...{
      kind: 'number',
      key: 'price',
      label: 'Price of the pair',
      unit: '$ per ETH',
      initial: '2000',
      over: 0,
      most: 1e7,
    },
    scale: ({ open = 2_000 }) => ({ kind: 'log', from: open / 10, to: open * 10, digits: 4 }),
    hint: 'traders swap in the pair until it shows this price',
  },
  {
    ...{
      kind: 'number',
      key: 'days',
      label: 'Time since opening',
      unit: 'days',
      initial: '150',
      least: 0,
      most: MOST_DAYS,
      whole: true,
    },
    scale: { kind: 'linear', from: 0, to: MOST_DAYS, step: 1 },
    hint: 'interest is added once a day',
  },
  {
    ...{ kind: 'number', key: 'ltv', label: 'LTV when opened', unit: '%', initial: '97', over: 0, most: 97.99 },
    scale: { kind: 'linear', from: 50, to: 97.9, step: 0.1 },
  },
  {
    ...{
      kind: 'number',
      key: 'rent',
      label: 'Liquidity rented',
      unit: '% of what is lent',
      initial: '80',
      over: 0,
      most: 94,
    },
    scale: { kind: 'linear', from: 1, to: 94, step: 1 },
    hint: 'utilisation sets the rate: kinks at 80 and 90 % of the allowed 95 %',
  },
  {
    ...{
      kind: 'number',
      key: 'eth',
      label: 'Vault’s part in ETH',
      unit: '% of value',
      initial: '50',
      least: 1,
      most: 99,
    },
    scale: { kind: 'linear', from: 1, to: 99, step: 1 },
    hint: 'away from 50 % the vault is a bet on the price, at the same LTV',
  },
  {
    ...{
      kind: 'number',
      key: 'open',
      label: 'Price when opened',
      unit: '$ per ETH',
      initial: '2000',
      over: 0,
      most: 1e7,
    },
    scale: { kind: 'log', from: 100, to: 20_000, digits: 3 },
  },
]

/** The tab. */
export const panel: MechanismPanel = {
  title: 'BAMM: renting liquidity, Frax',
  summary:
    'A borrower rents the shape of the pool and owes √k, not dollars: both sides of the loan move alike with the price, so no price liquidates it; interest raises the LTV and can.',
  exact: {
    kind: 'bytecode',
    says: 'compared with the compiled contracts of public-frax-bamm 0.5.2 and its pair in random lives on a local chain: vaults, rents, rates, receipts, micro-liquidations, no difference; seven of these lives are replayed by every test run',
  },
  formulas: [
    {
      says: 'LTV = rented √k with interest / √(token0 · token1) of the vault. A swap in the pair changes neither.',
      source: 'BAMM.sol: _solvent, ltv',
      url: 'https://github.com/FraxFinance/public-frax-bamm/blob/88b53af9/src/contracts/BAMM.sol',
    },
    {
      says: 'From 98 % on anybody repays a part: 0.2 % of the debt at 98 %, 20 % at 98.5 %, everything from 99 % on; the fee grows to 1 % of what is repaid. A call is refused while the pair’s price is away from its 30-minute average.',
      source: 'BAMM.sol: microLiquidate, repayPercentage',
      url: 'https://github.com/FraxFinance/public-frax-bamm/blob/88b53af9/src/contracts/BAMM.sol',
    },
  ],
  fields: FIELDS,
  slider: 'price',
  figures: figuresOf,
}

type Day = { readonly day: number; readonly ltv: number; readonly multiplier: number }
type Kept = {
  readonly key: string
  readonly opening: Opening
  /** As it was opened, and as it is on the last of the days. */
  readonly opened: BammState
  readonly state: BammState
  readonly days: Day[]
  readonly refused: string | undefined
}
/** The last vault and its days: moving the price or the days starts nothing anew. */
let kept: Kept | undefined

function figuresOf({ numbers }: MechanismInput): Figures | Refusal {
  const { price = 0, days = 0, ltv = 0, rent = 0, eth = 0, open = 0 } = numbers
  const keep = keptFor({ ltv: ltv / 100, rent: rent / 100, eth: eth / 100, open })
  if (keep.refused !== undefined) return { refused: `The contract says: ${keep.refused}.`, field: 'ltv' }
  for (let day = keep.days.length; day <= Math.max(days, 365); day++) keep.days.push(dayAfter(keep.state, day))
  const now = keep.days[days] as Day
  const first = keep.days.find(({ ltv: at }) => at >= 0.98)
  const moved = atPrice(keep, price, days)
  return {
    state: stateOf(now.ltv, keep.days),
    conditions: [
      {
        ...{ name: 'a price liquidates it', holds: false },
        says: `at ${dollars(price)} the LTV is ${part(moved.ltv, 4)}, at ${dollars(open)} it is ${part(now.ltv, 4)}: the price slider does not move it.`,
      },
      {
        ...{ name: 'interest liquidates it', holds: now.ltv >= 0.98 },
        says: first
          ? `98 % is crossed on day ${first.day} at the present utilisation.`
          : `not within ${keep.days.length - 1} days.`,
      },
    ],
    facts: [
      {
        id: 'ltv',
        label: 'LTV',
        value: part(now.ltv),
        note: `${change(now.ltv - ltv / 100)} since opening`,
        big: true,
      },
      { id: 'value', label: 'vault’s value', value: dollars(moved.value), big: true },
      { id: 'debt-value', label: 'debt’s value (√k in dollars)', value: dollars(moved.debtValue) },
      { id: 'tokens', label: 'vault holds', value: `${digits(moved.eth, 4)} ETH + ${dollars(moved.usd)}` },
      { id: 'root', label: 'owes √k', value: amount(moved.owed), note: `× ${digits(now.multiplier, 6)} interest` },
      {
        id: 'repay',
        label: 'a call would repay',
        value: now.ltv < 0.98 ? 'nothing' : part(repay(now.ltv), 1),
        note: now.ltv < 0.98 ? 'below 98 %' : `fee ${part(feeAt(now.ltv))}`,
      },
      {
        id: 'equity',
        label: 'equity',
        value: dollars(moved.value - moved.debtValue),
        note: change((moved.value - moved.debtValue) / moved.opened - 1),
      },
    ],
    charts: [ltvBar(now.ltv, ltv / 100), daysChart(keep.days, days), repayChart(now.ltv)],
    code: codeOf(keep, days),
    notes: [
      'Nobody makes the calls that the lines allow: the path shows what interest alone does.',
      'Utilisation stays as it is; fees that the pair earns fall to its LP and do not change a debt in √k.',
      'Each swap of the vault’s own tokens raises its LTV by the pair’s fee; it is not part of this path.',
    ],
  }
}

type Opening = { readonly ltv: number; readonly rent: number; readonly eth: number; readonly open: number }

/** A pair of 1,000 ETH, half of it lent; the vault rents its part and adds tokens until its LTV is the wanted one. */
function keptFor(opening: Opening): Kept {
  const key = JSON.stringify(opening)
  if (kept?.key === key) return kept
  const { ltv, rent, eth, open } = opening
  const root = POOL_ETH * Math.sqrt(open)
  const pair = { reserve0: fixed(POOL_ETH * open), reserve1: fixed(POOL_ETH), supply: fixed(root), kept: 9_970n }
  const state = bammState(pair, bammRules.BAMM_RATE_TERMS, 'average', 10_000n, 0n)
  const owed = (rent * root) / 2
  // √(usd · eth) = owed / ltv with eth·price / (usd + eth·price) = part.
  const usd = (owed / ltv) * Math.sqrt((open * (1 - eth)) / eth)
  const coins = (owed / ltv) ** 2 / usd
  const out = { usd: owed * Math.sqrt(open), coins: owed / Math.sqrt(open) }
  const actions: readonly BammAction[] = [
    { do: 'lend', account: 'lender', lp: fixed(root / 2) },
    { do: 'adjust', vault: VAULT, rent: fixed(owed), token0: signed(usd - out.usd), token1: signed(coins - out.coins) },
  ]
  let refused: string | undefined
  for (const action of actions) {
    const done = bamm.apply(state, action, momentOf(0, fixed(open)))
    if (wasRefused(done)) refused ??= done.refused.message
  }
  kept = { key, opening, opened: structuredClone(state), state, days: [], refused }
  if (refused === undefined) kept.days.push(dayOf(state, 0))
  return kept
}

function signed(value: number): bigint {
  return value < 0 ? -fixed(-value) : fixed(value)
}

/** The next day: somebody has the contract add its interest. */
function dayAfter(state: BammState, day: number): Day {
  const touched = bamm.apply(state, { do: 'accrue' }, momentOf(day * DAY, WAD))
  assert(!wasRefused(touched), `day ${day} adds no interest`)
  return dayOf(state, day)
}

function dayOf(state: BammState, day: number): Day {
  const vault = state.vaults.get(VAULT)
  const ltv = vault ? float(bammRules.ltvDown(vault, state.multiplier)) : 0
  return { day, ltv, multiplier: float(state.multiplier) }
}

/** The vault after traders have swapped in the pair until it shows a price: its LTV as the mechanism assesses it, its values at that price. */
function atPrice({ opened, opening, days: all }: Kept, price: number, days: number) {
  const state = structuredClone(opened)
  Object.assign(state, { multiplier: fixed(all[days]?.multiplier ?? 1), updated: BigInt(days * DAY) })
  const at = momentOf(days * DAY, fixed(price))
  const { reserve0, reserve1 } = state.pair
  const root = float(bammRules.rootOf(state.pair))
  const up = price > float(reserve0) / float(reserve1)
  const wanted = up ? root * Math.sqrt(price) - float(reserve0) : root / Math.sqrt(price) - float(reserve1)
  if (wanted > 0)
    bamm.apply(state, { do: 'swap', zeroForOne: up, amountIn: fixed((wanted * 10_000) / Number(state.pair.kept)) }, at)
  const vault = state.vaults.get(VAULT) ?? { token0: 0n, token1: 0n, rented: 0n }
  const health = bamm.assess(state, VAULT, at)
  const [usd, eth] = [float(vault.token0), float(vault.token1)]
  const owed = float(vault.rented) * float(state.multiplier)
  return {
    ...{ usd, eth, owed, value: usd + eth * price, debtValue: 2 * owed * Math.sqrt(price) },
    ltv: health ? float(health.required) / (float(health.equity) + float(health.required)) : 0,
    opened: usd + eth * opening.open - float(vault.rented) * 2 * Math.sqrt(opening.open),
  }
}

const repay = (ltv: number) => float(bammRules.repayShare(fixed(ltv)))
const feeAt = (ltv: number) => Number(bammRules.liquidationFee(fixed(ltv))) / 1e6

function stateOf(ltv: number, days: readonly Day[]): { name: string; kind: StateKind; says: string } {
  if (ltv >= 1)
    return {
      name: 'nothing left',
      kind: 'lost',
      says: 'The debt is worth more than the vault: what is missing falls to the lenders of the liquidity.',
    }
  if (ltv > 0.99) return { name: 'full liquidation', kind: 'hard', says: 'Above 99 % one call repays everything.' }
  if (ltv >= 0.98)
    return {
      name: 'micro-liquidation',
      kind: 'soft',
      says: `Anybody may repay ${part(repay(ltv), 1)} of the debt now, and again while the LTV stays at or above 98 %.`,
    }
  const crossed = days.find(({ ltv: at }) => at >= 0.98)
  return {
    name: 'open',
    kind: 'calm',
    says: `Below 98 % nobody may touch it.${crossed ? ` Interest gets it there on day ${crossed.day}.` : ''}`,
  }
}

/** End of the axis of LTV. */
const LTV_SHOWN = 1.005

function ltvBar(ltv: number, opened: number): BarsChart {
  const say = (value: number) => part(value)
  // Both lines lie within a percent of 100 %: the axis begins where the lower dot still has room.
  const from = Math.min(0.95, Math.floor(Math.min(ltv, opened) * 20) / 20)
  const ticks = [...new Set([from, 0.98, 0.99, 1])].map((at) => ({ at, label: part(at, 0) }))
  return {
    ...{ kind: 'bars', id: 'ltv', title: 'LTV against its two lines', say, from, whole: LTV_SHOWN, ticks },
    summary: `LTV ${part(ltv)}; micro-liquidation from 98 %, full liquidation above 99 %.`,
    cuts: [
      { name: 'micro-liquidation from 98 %', at: 0.98, look: 'warn' },
      { name: 'everything above 99 %', at: 0.99, look: 'lost' },
    ],
    rows: [
      { name: 'when opened', parts: [{ name: 'LTV when opened', look: 'second', value: opened }] },
      { name: 'now', parts: [{ name: 'LTV now', look: 'main', value: Math.min(ltv, LTV_SHOWN) }] },
    ],
  }
}

function daysChart(days: readonly Day[], now: number): LinesChart {
  const shown = days.slice(0, Math.max(now, 365) + 1)
  const values = shown.map(({ ltv }) => ltv)
  const [least, most] = [Math.min(...values, 0.975), Math.min(1.05, Math.max(...values, 0.995))]
  // Beyond the view the line would only be steep.
  const inView = shown.filter(({ ltv }) => ltv <= most)
  return {
    ...{ kind: 'lines', id: 'days', title: 'LTV over time: what interest does', now },
    summary: `LTV ${part(values[0] ?? 0)} on day 0, ${part(values[now] ?? 0)} on day ${now}.`,
    x: { label: 'day', from: 0, to: shown.length - 1, say: (day) => String(Math.round(day)) },
    y: {
      label: 'LTV',
      from: least - (most - least) * 0.05,
      to: most + (most - least) * 0.05,
      say: (value) => part(value, 1),
    },
    lines: [{ name: 'LTV', look: 'main', points: inView.map(({ day, ltv }) => [day, ltv] as const) }],
    cuts: [
      { name: 'micro-liquidation from', look: 'warn', y: 0.98 },
      { name: 'everything above', look: 'lost', y: 0.99 },
    ],
    rows: inView.filter(({ day }) => day % Math.ceil(shown.length / 24) === 0 || day === now).map(({ day }) => day),
  }
}

function repayChart(ltv: number): LinesChart {
  const at = [...steps(0.98, 0.99, 40), 0.990001, 0.995]
  return {
    ...{ kind: 'lines', id: 'repay', title: 'Repay schedule of one call', now: ltv },
    summary: '0.2 % of the debt at an LTV of 98 %, 20 % at 98.5 %, 100 % from 99 % on; the fee from 0 to 1 %.',
    x: { label: 'LTV', from: 0.975, to: 0.995, say: (value) => part(value, 2) },
    y: { label: 'of the debt', from: 0, to: 1.05, say: (value) => part(value, 0) },
    lines: [
      {
        name: 'repaid by one call',
        look: 'main',
        points: [[0.975, 0], [0.98, 0], ...at.map((one) => [one, repay(one)] as const)],
      },
      {
        name: 'fee (drawn ten times)',
        look: 'second',
        say: (value) => part(value / 10),
        points: [[0.975, 0], [0.98, 0], ...at.map((one) => [one, feeAt(one) * 10] as const)],
      },
    ],
    rows: [0.975, 0.98, 0.981, 0.982, 0.983, 0.984, 0.985, 0.986, 0.987, 0.988, 0.989, 0.99, 0.995],
  }
}

function codeOf({ state }: Kept, days: number): string {
  const vault = state.vaults.get(VAULT) ?? { token0: 0n, token1: 0n, rented: 0n }
  const multiplier = fixed(kept?.days[days]?.multiplier ?? 1)
  return `import { bammRules } from 'breakwater/mechanisms'

const vault = { token0: ${vault.token0}n, token1: ${vault.token1}n, rented: ${vault.rented}n }
console.log(Number(bammRules.ltvDown(vault, ${multiplier}n)) / 1e18)`
}
