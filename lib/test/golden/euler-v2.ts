/** Replays the recorded liquidations of Euler v2. */
import {
  type EulerAccount,
  type EulerLtv,
  type EulerState,
  emptyAccount,
  liquidate,
  liquidityOf,
} from '../../mechanisms/euler-v2/rules.ts'
import { accrue, currentOwed, toAssetsUp } from '../../mechanisms/euler-v2/vault.ts'
import { applied } from '../../mechanisms/solidity.ts'
import { field, type GoldenFile, type GoldenProtocol, integer, type JsonObject } from './replay.ts'

/** Euler v2. */
export const eulerV2Replay: GoldenProtocol = {
  id: 'euler-v2',
  matches: ({ protocol }) => protocol.startsWith('euler-v2'),
  replay,
}

const WAD = 10n ** 18n

function replay(_: GoldenFile, input: JsonObject): JsonObject {
  const state = stateOf(input)
  const call = field(input, 'call') as JsonObject
  const time = integer(input, 'timestamp')
  const prices = new Map(
    (input['collaterals'] as JsonObject[]).map((one) => [String(one['asset']), integer(one, 'price')]),
  )
  prices.set('', integer(input['liability'], 'price'))
  const quote = (asset: string, amount: bigint) => (amount * (prices.get(asset) ?? 0n)) / WAD
  // What the account is worth is told even where the call is refused: of a twin that is accrued.
  const twin = stateOf(input)
  accrue(twin.vault, time)
  const accountLiquidity = texts(liquidityOf(twin, accountOf(twin, 'violator'), quote, time))
  const asset = String(call['collateral'])
  let out: JsonObject = {}
  const done = applied(() => {
    const liquidator = call['selfLiquidation'] === true ? 'violator' : 'liquidator'
    const amounts = { repayAssets: integer(call, 'repayAssets'), minYield: integer(call, 'minYieldBalance') }
    const moved = liquidate(state, { violator: 'violator', liquidator, collateral: asset, ...amounts, time }, quote)
    out = texts({ repayAssets: moved.repay, yieldBalance: moved.yieldBalance, debtSocialized: moved.debtSocialized })
    return { facts: [] }
  })
  if ('refused' in done) return { accountLiquidity, revert: done.refused.code }
  const exact = (name: string) => currentOwed(state.vault, accountOf(state, name).debt)
  const { cash, totalBorrows, totalShares, accumulatedFees } = state.vault
  return {
    accountLiquidity,
    ...out,
    violatorDebtAfter: String(toAssetsUp(exact('violator'))),
    violatorDebtExactAfter: String(exact('violator')),
    liquidatorDebtAfter: String(toAssetsUp(exact('liquidator'))),
    collateralAfter: texts(Object.fromEntries(accountOf(state, 'violator').collaterals)),
    vault: texts({
      ...{
        cash,
        totalBorrows: toAssetsUp(totalBorrows),
        totalBorrowsExact: totalBorrows,
        totalShares,
        accumulatedFees,
      },
      totalAssets: cash + toAssetsUp(totalBorrows),
    }),
  }
}

function texts(amounts: object): JsonObject {
  return Object.fromEntries(Object.entries(amounts).map(([key, value]) => [key, String(value)]))
}

function accountOf(state: EulerState, name: string): EulerAccount {
  return state.accounts.get(name) ?? emptyAccount(state.vault)
}

function stateOf(input: JsonObject): EulerState {
  const before = input['atBorrow'] ?? asOfNow(input)
  const call = field(input, 'call') as JsonObject
  const accumulator = integer(before, 'interestAccumulator')
  const listed = (input['collaterals'] as JsonObject[]).map((one) => {
    const ltv: EulerLtv = {
      borrow: integer(one, 'borrowLTV'),
      liquidation: integer(one, 'liquidationLTV'),
      initial: integer(one, 'initialLiquidationLTV'),
      targetTimestamp: integer(one, 'targetTimestamp'),
      rampDuration: integer(one, 'rampDuration'),
    }
    return { asset: String(one['asset']), balance: integer(one, 'balance'), ltv, enabled: one['enabled'] !== false }
  })
  const ltvs = new Map(listed.map(({ asset, ltv }) => [asset, ltv]))
  const named = String(call['collateral'])
  if (!ltvs.has(named) && call['collateralHasNoLTV'] !== true) ltvs.set(named, KNOWN)
  return {
    vault: {
      lastUpdate: integer(before, 'timestamp'),
      cash: integer(before, 'cash'),
      totalBorrows: integer(before, 'totalBorrowsExact'),
      totalShares: integer(before, 'totalShares'),
      accumulatedFees: integer(before, 'accumulatedFees'),
      interestAccumulator: accumulator,
      interestRate: integer(before, 'interestRate'),
      interestFee: integer(input, 'interestFee'),
      rateModel: { kind: 'fixed' },
    },
    ...{ asset: '', name: 'vault', ltvs },
    accounts: new Map([
      [
        'violator',
        {
          debt: { owed: integer(before, 'debtExact'), accumulator },
          ...{ shares: 0n, controller: true, lastStatusCheck: integer(input, 'lastStatusCheck') },
          collaterals: new Map(listed.map(({ asset, balance }) => [asset, balance])),
          enabled: listed.filter(({ enabled }) => enabled).map(({ asset }) => asset),
        },
      ],
    ]),
    maxLiquidationDiscount: integer(input, 'maxLiquidationDiscount'),
    liquidationCoolOffTime: integer(input, 'liquidationCoolOffTime'),
    socializeDebt: input['socializeDebt'] === true,
  }
}

/** An account that never borrowed has no earlier state: the vault as it is at the call. */
function asOfNow(input: JsonObject): JsonObject {
  const vault = field(input, 'vault') as JsonObject
  const { timestamp = '0', interestAccumulator = '0' } = input
  return { ...vault, timestamp, interestAccumulator, interestRate: '0', debtExact: '0' }
}

/** Terms of a collateral that the vault knows but the account never enabled: none of them is read. */
const KNOWN = { borrow: 0n, liquidation: 0n, initial: 0n, targetTimestamp: 1n, rampDuration: 0n } as const
