/** Replays the recorded calls of Compound v2 and Venus core. */
import {
  accrueBoth,
  type CompoundCall,
  copyOfCompound,
  liquidateBorrow,
} from '../../mechanisms/compound-v2/liquidate.ts'
import {
  accountLiquidity,
  borrowBalance,
  type CompoundMarket,
  type CompoundPosition,
  type CompoundRules,
  type CompoundState,
} from '../../mechanisms/compound-v2/rules.ts'
import { applied } from '../../mechanisms/solidity.ts'
import { field, type GoldenFile, type GoldenProtocol, integer, type Json, type JsonObject } from './replay.ts'

/** Compound v2. */
export const compoundV2Replay: GoldenProtocol = {
  id: 'compound-v2',
  matches: ({ protocol }) => protocol === 'compound-v2',
  replay: (file, input) => replay('compound-v2', file, input),
}
/** Venus core pool. */
export const venusCoreReplay: GoldenProtocol = {
  id: 'venus-core',
  matches: ({ protocol }) => protocol.startsWith('venus'),
  replay: (file, input) => replay('venus-core', file, input),
}

const BORROWER = 'borrower'

function replay(rules: CompoundRules, file: GoldenFile, input: JsonObject): JsonObject {
  const state = stateOf(rules, file, input)
  const price = (feed: string) => integer(field(field(input, 'markets'), feed), 'price')
  const block = integer(input, 'blockNumber')
  const call = callOf(input)
  const beforeStored = texts(accountLiquidity(state, BORROWER, price))
  const after = copyOfCompound(state)
  let out: JsonObject = { beforeStored }
  const done = applied(() => {
    const moved = liquidateBorrow(after, call, price, block)
    const { protocolTokens, ...tokens } = texts(moved)
    out = {
      ...{ beforeStored, ...tokens, ...(rules === 'venus-core' ? {} : { protocolTokens: protocolTokens ?? '0' }) },
      account: accountOf(after),
      markets: marketsOf(after),
      afterStored: texts(accountLiquidity(after, BORROWER, price)),
    }
    return { facts: [] }
  })
  if (!('refused' in done)) return out
  const { code } = done.refused
  if (!code.startsWith('Failure')) return { beforeStored, revert: code }
  accrueBoth(state, call, block)
  return { beforeStored, revert: code, accrued: changed(marketsOf(state), field(input, 'markets')) }
}

/** `accrued` lists changes only, and has no place of its own in the input. */
function changed(markets: Record<string, Record<string, string>>, before: Json): JsonObject {
  return Object.fromEntries(
    Object.entries(markets).flatMap(([asset, values]) => {
      const rest = Object.entries(values).filter(([key, value]) => field(field(before, asset), key) !== value)
      return rest.length > 0 ? [[asset, Object.fromEntries(rest)]] : []
    }),
  )
}

function texts(values: object): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]))
}

const TOTALS = ['cash', 'totalBorrows', 'totalReserves', 'totalSupply', 'borrowIndex', 'accrualBlock'] as const

function marketsOf(state: CompoundState): Record<string, Record<string, string>> {
  return Object.fromEntries(
    [...state.markets].map(([asset, market]) => [
      asset,
      Object.fromEntries(TOTALS.map((key) => [key, String(market[key])])),
    ]),
  )
}

function accountOf(state: CompoundState): JsonObject {
  return Object.fromEntries(
    [...state.markets].map(([asset, market]) => {
      const position = state.accounts.get(BORROWER)?.get(asset)
      return [asset, { tokens: String(position?.tokens ?? 0n), borrowBalance: String(borrowBalance(market, position)) }]
    }),
  )
}

function callOf(input: JsonObject): CompoundCall {
  const call = field(input, 'call') as JsonObject
  return {
    borrower: BORROWER,
    liquidator: call['selfLiquidation'] === true ? BORROWER : 'liquidator',
    borrowMarket: String(call['borrowMarket']),
    collateralMarket: String(call['collateralMarket']),
    repayAmount: integer(call, 'repayAmount'),
  }
}

function stateOf(rules: CompoundRules, file: GoldenFile, input: JsonObject): CompoundState {
  const share = (file['constants'] as JsonObject)['protocolSeizeShare']
  const forced = (input['forcedLiquidation'] ?? []) as readonly Json[]
  const markets = new Map<string, CompoundMarket>()
  for (const [asset, stored] of Object.entries(field(input, 'markets') as JsonObject)) {
    const model = field(field(file, 'interestModels'), asset) as JsonObject
    const numbers = Object.fromEntries(Object.keys(stored as JsonObject).map((key) => [key, integer(stored, key)]))
    const rates = Object.fromEntries(Object.keys(model).map((key) => [key, integer(model, key)]))
    markets.set(asset, {
      ...(numbers as unknown as CompoundMarket),
      ...{ asset, feed: asset, model: rates as unknown as CompoundMarket['model'] },
      initialExchangeRate: rates['initialExchangeRate'] ?? 0n,
      liquidationThreshold: numbers['liquidationThreshold'] ?? numbers['collateralFactor'] ?? 0n,
      liquidationIncentive: numbers['liquidationIncentive'] ?? integer(input, 'liquidationIncentive'),
      protocolSeizeShare: share === undefined ? 0n : BigInt(String(share)),
      forcedLiquidation: forced.includes(asset),
    })
  }
  const positions = Object.entries(field(input, 'account') as JsonObject).map(
    ([asset, stored]): [string, CompoundPosition] => [
      asset,
      {
        tokens: integer(stored, 'tokens'),
        entered: field(stored, 'entered') === true,
        borrowPrincipal: integer(stored, 'borrowPrincipal'),
        borrowInterestIndex: integer(stored, 'borrowInterestIndex'),
      },
    ],
  )
  return {
    rules,
    clock: { time: 0n, block: 0n, blocks: 1n, seconds: 1n },
    closeFactor: integer(input, 'closeFactor'),
    markets,
    accounts: new Map([[BORROWER, new Map(positions)]]),
  }
}
