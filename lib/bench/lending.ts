/**
 * Health factors of the same Aave accounts in the same run: `formatUserSummary` of @aave/math-utils (what dashboards call), the mechanism's own
 * `assess`, the exact kernel over bigint legs, and the float64 screen; then a ladder's rung from the sorted index against looking at every loan.
 */
import { formatReserves, formatUserSummary } from '@aave/math-utils'
import {
  certifiedColumns,
  certifiedHealthFactors,
  certifiedTable,
  type ExactLoan,
  type ExactWeight,
  exactColumns,
  exactHealthFactors,
  exactTable,
  healthFactors,
  killIndex,
  type Loan,
  loanColumns,
  plainRung,
  shockLines,
} from '../kernels/index.ts'
import { accruedAt } from '../mechanisms/aave/v3-interest.ts'
import { AAVE_V36, type AaveReserve, type AaveState, aaveV36 } from '../mechanisms/index.ts'
import { type FeedAnswer, type Moment, prng, type UnixSeconds } from '../model/index.ts'
import type { BenchRow } from './row.ts'

const ACCOUNTS = 20_000
/** The peer takes a third of a millisecond an account: it is timed on the first of them. */
const PEER_ACCOUNTS = 1_000
const MANY = 1_000_000
const NOW = 1_760_000_600
const UPDATED = NOW - 600
const RAY = 10n ** 27n
const PEER = '@aave/math-utils formatUserSummary (times as fast)'

/**
 * Reserves: symbol, decimals, dollars. Balances round to an atom, half up in math-utils and in the pool's favour in the contract, so no asset has so few
 * decimals that an atom of a balance is more than 1e-9 of it. All collateral has one threshold: math-utils rounds the average of different ones down to a basis point, as
 * Aave did up to v3.4, so that only then the three can agree to more than four digits.
 */
const RESERVES = [
  ['WETH', 18, 3_081.2], ['wstETH', 18, 3_702.11], ['tBTC', 18, 88_120.5], ['rETH', 18, 3_510.25], ['weETH', 18, 3_290.4],
  ['USDC', 6, 0.9998], ['USDT', 6, 1.0003], ['DAI', 18, 0.9999], ['GHO', 18, 0.9987], ['LINK', 18, 17.31],
] as const // biome-ignore format: one table
const THRESHOLD = 8_000n

/** Rows of the lending workload. Throws when the health factors do not agree to 1e-9. */
export async function benchLending(): Promise<readonly BenchRow[]> {
  const { state, at } = makeState()
  const ids = [...state.accounts.keys()]
  const peer = peerOf(state, at)
  const exact = exactOf(state, at)
  const { loans, table } = floatOf(exact.loans, exact.weights)
  const columns = loanColumns(loans)
  const legs = exactColumns(exact.loans)
  const exactWeights = exactTable(exact.weights)
  const halves = certifiedColumns(legs)
  const proof = certifiedTable(exactWeights)
  const proven = ids.map(() => 0n)
  const unproven = certifiedHealthFactors(halves, proof, proven)
  const wads = ids.map(() => 0n)
  const floats = new Float64Array(ids.length)
  exactHealthFactors(legs, exactWeights, wads)
  healthFactors(columns, table, floats)
  if (proven.some((wad, index) => wad !== wads[index])) throw new Error('the two exact kernels differ')
  agree(state, at, ids, wads, floats, peer)
  const peerSeconds = fastest(3, () => askPeer(ids, peer)) / PEER_ACCOUNTS
  const assessSeconds = fastest(5, () => assessAll(state, at, ids)) / ids.length
  const exactSeconds = fastest(20, () => exactHealthFactors(legs, exactWeights, wads)) / ids.length
  const provenSeconds = fastest(60, () => void certifiedHealthFactors(halves, proof, proven)) / ids.length
  const floatSeconds = fastest(400, () => healthFactors(columns, table, floats)) / ids.length
  const row = (workload: string, seconds: number, goal?: string): BenchRow => ({
    ...{ workload, value: 1 / seconds, unit: 'users/s', against: PEER, ratio: peerSeconds / seconds, goal },
  })
  return [
    {
      workload: `formatUserSummary, ${PEER_ACCOUNTS} accounts`,
      value: 1 / peerSeconds,
      unit: 'users/s',
      against: 'itself',
      ratio: undefined,
    },
    row(`the mechanism's assess, ${ids.length} accounts`, assessSeconds),
    row(`exact, every step in bigint, ${ids.length} accounts`, exactSeconds),
    row(`exact, ${unproven} of ${ids.length} in bigint`, provenSeconds, '≥ 300 ×'),
    row(`float64 screen, ${ids.length} accounts`, floatSeconds, '≥ 10,000 ×'),
    row(`float64 screen, ${MANY} accounts`, manySeconds(loans, table), '≥ 10,000 ×'),
    ladderRow(loans, table),
  ]
}

function assessAll(state: AaveState, at: Moment, ids: readonly string[]): void {
  for (const id of ids) aaveV36.assess(state, id, at)
}

function askPeer(ids: readonly string[], peer: (id: string) => number): void {
  for (let index = 0; index < PEER_ACCOUNTS; index++) peer(ids[index] as string)
}

/** Fastest of some rounds, seconds. */
function fastest(rounds: number, work: () => void): number {
  let seconds = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const began = performance.now()
    work()
    seconds = Math.min(seconds, (performance.now() - began) / 1000)
  }
  return seconds
}

/** Accounts with two collaterals and a debt each, ten minutes after the last accrual. */
function makeState(): { state: AaveState; at: Moment } {
  const chance = prng('lending bench')
  const reserves = new Map<string, AaveReserve>()
  const prices = new Map<string, FeedAnswer>()
  for (const [asset, decimals, dollars] of RESERVES) {
    prices.set(asset, BigInt(Math.round(dollars * 1e8)) as FeedAnswer)
    const grown = (most: number) => RAY + (RAY * BigInt(Math.round(most * chance.next() * 1e9))) / 10n ** 9n
    reserves.set(asset, {
      config: {
        ...{ asset, feed: asset, decimals: BigInt(decimals), ltv: 7_500n, liquidationThreshold: THRESHOLD },
        ...{ liquidationBonus: 10_500n, liquidationProtocolFee: 1_000n, reserveFactor: 1_500n, optimalUsage: 9_000n },
        ...{ baseRate: 0n, slope1: 400n, slope2: 6_000n },
      },
      ...{
        liquidityIndex: grown(0.1),
        liquidityRate: RAY / 50n,
        variableBorrowIndex: grown(0.2),
        variableBorrowRate: RAY / 25n,
      },
      ...{
        updated: BigInt(UPDATED),
        accruedToTreasury: 0n,
        deficit: 0n,
        virtualBalance: 10n ** 30n,
        scaledDebt: 10n ** 30n,
      },
      ...{ scaledSupply: 10n ** 30n, paused: false, graceUntil: 0n },
    })
  }
  const accounts: AaveState['accounts'] = new Map()
  for (let number = 0; number < ACCOUNTS; number++) {
    const picked = new Set<number>()
    while (picked.size < 3) picked.add(chance.int(RESERVES.length))
    const positions = new Map(
      [...picked].map((index, leg) => {
        const [asset, decimals, dollars] = RESERVES[index] as (typeof RESERVES)[number]
        const worth = 20_000 * 10 ** (3 * chance.next()) * (leg === 2 ? 1.2 : 1)
        const scaled = BigInt(Math.round((worth / dollars) * 1e6)) * 10n ** BigInt(decimals - 6)
        const collateral = leg < 2
        return [
          asset as string,
          {
            scaledCollateral: collateral ? scaled : 0n,
            usedAsCollateral: collateral,
            scaledDebt: collateral ? 0n : scaled,
            borrowing: !collateral,
          },
        ] as const
      }),
    )
    accounts.set(`account ${number}`, { eMode: 0, positions })
  }
  const at: Moment = { time: NOW as UnixSeconds, price: (feed) => prices.get(feed) }
  return { state: { reserves, eModes: new Map(), accounts, treasury: 'treasury' }, at }
}

/** The peer's way: reserves formatted once, then a call an account with the account's own reserves. */
function peerOf(state: AaveState, at: Moment): (id: string) => number {
  const formattedReserves = formatReserves({
    currentTimestamp: at.time,
    marketReferencePriceInUsd: '100000000',
    marketReferenceCurrencyDecimals: 8,
    reserves: [...state.reserves].map(([asset, reserve], index) => ({
      ...{ originalId: index, id: asset, symbol: asset, name: asset, underlyingAsset: asset },
      ...{ decimals: Number(reserve.config.decimals), usageAsCollateralEnabled: true },
      ...{ reserveFactor: '1500', baseLTVasCollateral: '7500', reserveLiquidationThreshold: String(THRESHOLD) },
      ...{
        reserveLiquidationBonus: '10500',
        liquidityIndex: String(reserve.liquidityIndex),
        liquidityRate: String(reserve.liquidityRate),
      },
      ...{
        variableBorrowIndex: String(reserve.variableBorrowIndex),
        variableBorrowRate: String(reserve.variableBorrowRate),
      },
      ...{ availableLiquidity: '0', totalScaledVariableDebt: '0', lastUpdateTimestamp: Number(reserve.updated) },
      ...{ borrowCap: '0', supplyCap: '0', debtCeiling: '0', debtCeilingDecimals: 2, isolationModeTotalDebt: '0' },
      ...{ virtualUnderlyingBalance: '0', deficit: '0' },
      priceInMarketReferenceCurrency: String(at.price(asset)),
    })),
  })
  const users = new Map(
    [...state.accounts].map(([id, { positions }]) => [
      id,
      [...positions].map(([underlyingAsset, position]) => ({
        underlyingAsset,
        scaledATokenBalance: String(position.scaledCollateral),
        usageAsCollateralEnabledOnUser: position.usedAsCollateral,
        scaledVariableDebt: String(position.scaledDebt),
      })),
    ]),
  )
  return (id) =>
    Number(
      formatUserSummary({
        ...{ currentTimestamp: at.time, marketReferencePriceInUsd: '100000000', marketReferenceCurrencyDecimals: 8 },
        ...{ userReserves: users.get(id) ?? [], formattedReserves, userEmodeCategoryId: 0 },
      }).healthFactor,
    )
}

/** Legs of all accounts, and what they weigh at the moment: weight 2n the nth reserve as collateral, 2n + 1 as debt. */
function exactOf(state: AaveState, at: Moment): { loans: ExactLoan[]; weights: ExactWeight[] } {
  const numbers = new Map([...state.reserves.keys()].map((asset, index) => [asset, index]))
  const weights = [...state.reserves.values()].flatMap((stored) => {
    const { liquidityIndex, variableBorrowIndex, config } = accruedAt(AAVE_V36, stored, BigInt(at.time))
    const same = {
      price: at.price(config.feed) as bigint,
      unit: 10n ** config.decimals,
      threshold: config.liquidationThreshold,
    }
    return [
      { ...same, index: liquidityIndex },
      { ...same, index: variableBorrowIndex },
    ]
  })
  const loans = [...state.accounts.values()].map(({ positions }) => {
    const legs = [...positions].map(([asset, position]) => ({ number: numbers.get(asset) as number, position }))
    return {
      collateral: legs.flatMap(({ number, position }) =>
        position.usedAsCollateral ? [{ weight: 2 * number, scaled: position.scaledCollateral }] : [],
      ),
      debt: legs.flatMap(({ number, position }) =>
        position.borrowing ? [{ weight: 2 * number + 1, scaled: position.scaledDebt }] : [],
      ),
    }
  })
  return { loans, weights }
}

/** The same in float64: amounts in scaled whole tokens, weights = index · price · threshold. */
function floatOf(loans: readonly ExactLoan[], weights: readonly ExactWeight[]): { loans: Loan[]; table: Float64Array } {
  const table = Float64Array.from(
    weights,
    ({ index, price, threshold }, number) =>
      (Number(index) / 1e27) * (Number(price) / 1e8) * (number % 2 === 0 ? Number(threshold) / 1e4 : 1),
  )
  const legs = (list: ExactLoan['debt']) =>
    list.map(({ weight, scaled }) => ({ weight, amount: Number(scaled) / Number(weights[weight]?.unit) }))
  return { loans: loans.map(({ collateral, debt }) => ({ collateral: legs(collateral), debt: legs(debt) })), table }
}

function agree(
  state: AaveState,
  at: Moment,
  ids: readonly string[],
  wads: readonly bigint[],
  floats: Float64Array,
  peer: (id: string) => number,
): void {
  ids.forEach((id, index) => {
    const exact = Number(wads[index]) / 1e18
    const health = aaveV36.assess(state, id, at)
    if (!health || health.liquidatable !== (wads[index] as bigint) < 10n ** 18n) throw new Error(`${id}: two verdicts`)
    const others = [floats[index] as number, ...(index < PEER_ACCOUNTS ? [peer(id)] : [])]
    for (const other of others)
      if (!(Math.abs(other / exact - 1) <= 1e-9)) throw new Error(`${id}: health factors ${exact} and ${other} differ`)
  })
}

/** The screen on a book that does not fit the cache: the same accounts again and again, each a different amount. */
function manySeconds(loans: readonly Loan[], table: Float64Array): number {
  const columns = loanColumns(Array.from({ length: MANY }, (_, index) => loans[index % loans.length] as Loan))
  for (let leg = 0; leg < columns.amounts.length; leg++)
    columns.amounts[leg] = (columns.amounts[leg] as number) * (1 + (leg % 97) / 97)
  const out = new Float64Array(MANY)
  return fastest(30, () => healthFactors(columns, table, out)) / MANY
}

/** One rung of the ladder "WETH and what follows it fall": from the index, and by looking at every loan. */
function ladderRow(loans: readonly Loan[], table: Float64Array): BenchRow {
  const moving = new Set(RESERVES.flatMap(([asset], index) => (/ETH$/i.test(asset) ? [2 * index, 2 * index + 1] : [])))
  const lines = shockLines(MANY)
  for (let loan = 0; loan < MANY; loan++) {
    const { collateral, debt } = loans[loan % loans.length] as Loan
    for (const { weight, amount } of collateral) {
      const value = amount * (table[weight] as number) * (1 + (loan % 89) / 890)
      const [have, full] = moving.has(weight)
        ? [lines.backingSlope, lines.collateralSlope]
        : [lines.backing, lines.collateral]
      have[loan] = (have[loan] as number) + value
      full[loan] = (full[loan] as number) + value / (Number(THRESHOLD) / 1e4)
    }
    for (const { weight, amount } of debt) {
      const owed = moving.has(weight) ? lines.requiredSlope : lines.required
      owed[loan] = (owed[loan] as number) + amount * (table[weight] as number)
    }
  }
  const index = killIndex(lines)
  const factors = Array.from({ length: 20_000 }, (_, step) => 1 - (step % 977) / 1_100)
  const [quick, slow] = [index.at(0.8), plainRung(lines, 0.8)]
  if (quick.loans !== slow.loans) throw new Error(`the index finds ${quick.loans} loans, the scan ${slow.loans}`)
  let sum = 0
  const seconds =
    fastest(5, () => {
      for (const factor of factors) sum += index.at(factor).loans
    }) / factors.length
  const scan = fastest(3, () => {
    sum += plainRung(lines, 0.8).loans
  })
  return {
    workload: `ladder rung from the index, ${MANY} loans`,
    value: seconds * 1e6,
    unit: 'µs',
    against: `looking at every loan (times as fast; ${sum > 0 ? 'same counts' : 'nothing found'})`,
    ratio: scan / seconds,
  }
}
