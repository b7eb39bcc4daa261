/**
 * Everything a market stores, read from the chain in one call, as a flat list of named integers; our state as the same list; and our state made
 * from such a list. Equal lists mean equal states: indices, rates, totals, balances, flags, what every account is worth.
 */
import { type Abi, type Address, encodeFunctionData, type Hex, parseAbi } from 'viem'
import {
  type AaveAccount,
  type AaveEMode,
  type AavePosition,
  type AaveReserve,
  type AaveState,
  scaledSupplyOf,
} from '../../mechanisms/aave/state.ts'
import type { AaveAccountData } from '../../mechanisms/aave/v3-account.ts'
import { type AaveMarket, type AaveVersion, originMinor, TREASURY } from './aave-market.ts'
import { props } from './aave-props.ts'
import type { Contract } from './chain.ts'

/** Named integers, as `WETH.liquidityIndex` or `ann.WETH.scaledDebt`. `undefined`: the view reverts. */
export type Reading = Map<string, bigint | undefined>

/** A reader of one market: the contract, and what its answers mean. */
export type AaveReader = { readonly contract: Contract; readonly questions: readonly Question[] }

type Question = {
  readonly target: Address
  readonly data: Hex
  readonly words: number
  /** Puts the answer's words under their names. */
  readonly put: (words: readonly bigint[] | undefined, into: Reading) => void
}

const VIEWS = parseAbi([
  'function getReserveData(address) view returns (uint256[15])',
  'function getVirtualUnderlyingBalance(address) view returns (uint256)',
  'function getReserveDeficit(address) view returns (uint256)',
  'function getUserConfiguration(address) view returns (uint256)',
  'function getUserEMode(address) view returns (uint256)',
  'function getUserAccountData(address) view returns (uint256[6])',
  'function balanceOf(address) view returns (uint256)',
  'function scaledBalanceOf(address) view returns (uint256)',
  'function scaledTotalSupply() view returns (uint256)',
  'function getSupplyData() view returns (uint256[4])',
  'function principalBalanceOf(address) view returns (uint256)',
  'function getUserStableRate(address) view returns (uint256)',
  'function getUserLastUpdated(address) view returns (uint256)',
])

/** Deploys a reader that asks everything of a market. */
export async function deployReader(market: AaveMarket): Promise<AaveReader> {
  const { chain } = market
  const contract = await chain.deploy((await props())('Reader'))
  const questions = [...reserveQuestions(market), ...accountQuestions(market)]
  for (let start = 0; start < questions.length; start += 100)
    await chain.write(contract, 'add', [
      questions.slice(start, start + 100).map(({ target, words, data }) => ({ target, words, data })),
    ])
  return { contract, questions }
}

function ask(target: Address, name: View, args: readonly unknown[], put: Question['put']): Question {
  const words = WORDS[name] ?? 1
  return { target, words, data: encodeFunctionData({ abi: VIEWS as Abi, functionName: name, args }), put }
}

type View = (typeof VIEWS)[number]['name']

/** How many words a view answers; all others answer one. */
const WORDS: { readonly [name in View]?: number } = { getReserveData: 15, getUserAccountData: 6, getSupplyData: 4 }

/** Puts one word under a name. */
const one =
  (name: string): Question['put'] =>
  (words, into) =>
    into.set(name, words?.[0])

/** The stored words of a reserve by their place in `getReserveData`. */
const STORED: Readonly<Record<'v2' | 'v3.0' | 'origin', Readonly<Record<string, number>>>> = {
  v2: {
    ...{ liquidityIndex: 1, variableBorrowIndex: 2, liquidityRate: 3 },
    ...{ variableBorrowRate: 4, stableBorrowRate: 5, updated: 6 },
  },
  'v3.0': {
    ...{ liquidityIndex: 1, liquidityRate: 2, variableBorrowIndex: 3, variableBorrowRate: 4, stableBorrowRate: 5 },
    ...{ updated: 6, accruedToTreasury: 12, isolationDebt: 14 },
  },
  origin: {
    ...{ liquidityIndex: 1, liquidityRate: 2, variableBorrowIndex: 3, variableBorrowRate: 4 },
    ...{ updated: 6, accruedToTreasury: 12, isolationDebt: 14 },
  },
}

const storedOf = (version: AaveVersion) => STORED[version === 'v2' || version === 'v3.0' ? version : 'origin']

function reserveQuestions({ version, pool, assets, accounts }: AaveMarket): Question[] {
  return assets.flatMap(({ id, coin, aToken, variableDebt, stableDebt }) => {
    const words = Object.entries(storedOf(version))
    const treasury = accounts.get(TREASURY)
    return [
      ask(pool.address, 'getReserveData', [coin.address], (answer, into) => {
        for (const [name, place] of words) into.set(`${id}.${name}`, answer?.[place])
      }),
      originMinor(version) > 0
        ? ask(pool.address, 'getVirtualUnderlyingBalance', [coin.address], one(`${id}.virtualBalance`))
        : ask(coin.address, 'balanceOf', [aToken.address], one(`${id}.virtualBalance`)),
      ...(originMinor(version) > 0
        ? [
            ask(pool.address, 'getReserveDeficit', [coin.address], one(`${id}.deficit`)),
            ask(coin.address, 'balanceOf', [aToken.address], one(`${id}.held`)),
          ]
        : []),
      ...(version === 'v2' ? [ask(aToken.address, 'scaledBalanceOf', [treasury], one(`${id}.accruedToTreasury`))] : []),
      ask(variableDebt.address, 'scaledTotalSupply', [], one(`${id}.scaledDebt`)),
      ask(aToken.address, 'scaledTotalSupply', [], one(`${id}.scaledSupply`)),
      ...(stableDebt ? [ask(stableDebt.address, 'getSupplyData', [], stableTotal(id))] : []),
    ]
  })
}

/** Principal, total now, average rate, time: the rest counts where there is a principal. */
function stableTotal(id: string): Question['put'] {
  return (words, into) => {
    into.set(`${id}.stable`, words?.[0])
    if (words?.[0] === 0n) return
    into.set(`${id}.stable.rate`, words?.[2])
    into.set(`${id}.stable.updated`, words?.[3])
  }
}

function accountQuestions({ version, pool, assets, accounts }: AaveMarket): Question[] {
  // In v2 the treasury's aTokens stand as the reserve's `accruedToTreasury`.
  const named = [...accounts].filter(([name]) => version !== 'v2' || name !== TREASURY)
  return named.flatMap(([name, address]) => [
    ask(pool.address, 'getUserConfiguration', [address], (words, into) => {
      for (const [index, { id }] of assets.entries()) {
        const bits = words === undefined ? undefined : (words[0] as bigint) >> BigInt(2 * index)
        into.set(`${name}.${id}.borrowing`, bits === undefined ? undefined : bits & 1n)
        into.set(`${name}.${id}.usedAsCollateral`, bits === undefined ? undefined : (bits >> 1n) & 1n)
      }
    }),
    ...(version === 'v2' ? [] : [ask(pool.address, 'getUserEMode', [address], one(`${name}.eMode`))]),
    ask(pool.address, 'getUserAccountData', [address], dataOf(name)),
    ...assets.flatMap(({ id, aToken, variableDebt, stableDebt }) => [
      ask(aToken.address, 'scaledBalanceOf', [address], one(`${name}.${id}.scaledCollateral`)),
      ask(variableDebt.address, 'scaledBalanceOf', [address], one(`${name}.${id}.scaledDebt`)),
      ...(stableDebt
        ? [
            ask(stableDebt.address, 'principalBalanceOf', [address], one(`${name}.${id}.stable`)),
            ask(stableDebt.address, 'getUserStableRate', [address], ifOwed(`${name}.${id}.stable`, 'rate')),
            ask(stableDebt.address, 'getUserLastUpdated', [address], ifOwed(`${name}.${id}.stable`, 'updated')),
          ]
        : []),
    ]),
  ])
}

/** Rate and time of a stable-rate debt count while there is one. */
const ifOwed =
  (debt: string, name: string): Question['put'] =>
  (words, into) => {
    if (into.get(debt) !== 0n) into.set(`${debt}.${name}`, words?.[0])
  }

const DATA = [
  'totalCollateralBase',
  'totalDebtBase',
  undefined,
  'liquidationThreshold',
  undefined,
  'healthFactor',
] as const

/** What `getUserAccountData` says of an account, under names. */
export function dataOf(name: string): Question['put'] {
  return (words, into) => {
    for (const [index, key] of DATA.entries()) if (key) into.set(`${name}.${key}`, words?.[index])
  }
}

/** Decodes what the reader returned. The same answer as last time is not parsed again. */
export function decoder({ questions }: AaveReader): (data: Hex) => Reading {
  const last: { hex: string; words: readonly bigint[] }[] = []
  return (data) => {
    const reading: Reading = new Map()
    // Offset and length of the byte string stand before it.
    let at = 2 + 2 * 64
    for (const [index, { words: count, put }] of questions.entries()) {
      const hex = data.slice(at, at + count * 64)
      const before = last[index]
      const words = before?.hex === hex ? before.words : wordsOf(hex)
      last[index] = { hex, words }
      put(words.every((word) => word === FAILED) ? undefined : words, reading)
      at += count * 64
    }
    if (at > data.length) throw new Error('the reader answered too little')
    return reading
  }
}

/** What the reader writes in the place of an answer that it did not get. */
const FAILED = (1n << 256n) - 1n

/** 32-byte words. */
export function wordsOf(hex: string): readonly bigint[] {
  return Array.from({ length: hex.length / 64 }, (_, index) => BigInt(`0x${hex.slice(index * 64, index * 64 + 64)}`))
}

/** What governance has set of a reserve. */
export type AaveTerms = Pick<AaveReserve, 'config' | 'paused' | 'frozen' | 'graceUntil'>

/** What governance has set as a whole. */
export type AaveSettings = {
  readonly terms: ReadonlyMap<string, AaveTerms>
  readonly eModes: ReadonlyMap<number, AaveEMode>
}

/** Our state of a market as it was read, under the settings given (or those of its deployment). */
export function stateFrom(market: AaveMarket, reading: Reading, settings?: AaveSettings): AaveState {
  const get = (name: string) => reading.get(name) ?? 0n
  const stableOf = (name: string) =>
    get(name) === 0n ? undefined : { principal: get(name), rate: get(`${name}.rate`), updated: get(`${name}.updated`) }
  const reserves = market.assets.map(({ id, config, stableDebt }): [string, AaveReserve] => {
    const stored = Object.fromEntries(Object.keys(storedOf(market.version)).map((name) => [name, get(`${id}.${name}`)]))
    return [
      id,
      {
        ...(stored as unknown as AaveReserve),
        config,
        ...{ accruedToTreasury: get(`${id}.accruedToTreasury`), deficit: get(`${id}.deficit`) },
        ...{ virtualBalance: get(`${id}.virtualBalance`), scaledDebt: get(`${id}.scaledDebt`) },
        // In v2 the treasury's aTokens are no account's of ours, and nothing reads the sum.
        ...(market.version === 'v2' ? {} : { scaledSupply: get(`${id}.scaledSupply`) }),
        ...{ paused: false, graceUntil: 0n },
        ...settings?.terms.get(id),
        ...(stableDebt ? { stable: stableOf(`${id}.stable`) } : {}),
      },
    ]
  })
  const accounts = [...market.accounts.keys()].map((name): [string, AaveAccount] => {
    const positions = market.assets.map(({ id, stableDebt }): [string, AavePosition] => [
      id,
      {
        ...{ scaledCollateral: get(`${name}.${id}.scaledCollateral`), scaledDebt: get(`${name}.${id}.scaledDebt`) },
        usedAsCollateral: get(`${name}.${id}.usedAsCollateral`) === 1n,
        borrowing: get(`${name}.${id}.borrowing`) === 1n,
        ...(stableDebt ? { stable: stableOf(`${name}.${id}.stable`) } : {}),
      },
    ])
    return [name, { eMode: Number(get(`${name}.eMode`)), positions: new Map(positions) }]
  })
  return {
    ...{ reserves: new Map(reserves), accounts: new Map(accounts) },
    ...{ eModes: new Map(settings?.eModes ?? market.eModes), treasury: TREASURY },
  }
}

/** The same list from our state; `data` says what an account is worth, `undefined` where the view reverts. */
export function readingOf(
  market: AaveMarket,
  state: AaveState,
  data: (account: AaveAccount) => AaveAccountData | undefined,
): Reading {
  const reading: Reading = new Map()
  for (const { id, stableDebt } of market.assets) {
    const reserve = state.reserves.get(id) as AaveReserve
    for (const name of Object.keys(storedOf(market.version)))
      reading.set(`${id}.${name}`, (reserve as unknown as Record<string, bigint | undefined>)[name] ?? 0n)
    for (const name of ['virtualBalance', 'accruedToTreasury', 'scaledDebt'] as const)
      reading.set(`${id}.${name}`, reserve[name])
    const treasury = market.version === 'v2' ? reserve.accruedToTreasury : 0n
    reading.set(`${id}.scaledSupply`, scaledSupplyOf(state, reserve) + treasury)
    if (originMinor(market.version) > 0) {
      reading.set(`${id}.deficit`, reserve.deficit)
      reading.set(`${id}.held`, reserve.virtualBalance)
    }
    if (stableDebt) putStable(reading, `${id}.stable`, reserve.stable)
  }
  for (const name of market.accounts.keys()) {
    if (market.version === 'v2' && name === TREASURY) continue
    const account = state.accounts.get(name) ?? { eMode: 0, positions: new Map<string, AavePosition>() }
    if (market.version !== 'v2') reading.set(`${name}.eMode`, BigInt(account.eMode))
    const worth = data(account)
    for (const key of DATA) if (key) reading.set(`${name}.${key}`, worth?.[key])
    for (const { id, stableDebt } of market.assets) {
      const position = account.positions.get(id)
      reading.set(`${name}.${id}.scaledCollateral`, position?.scaledCollateral ?? 0n)
      reading.set(`${name}.${id}.scaledDebt`, position?.scaledDebt ?? 0n)
      reading.set(`${name}.${id}.borrowing`, position?.borrowing ? 1n : 0n)
      reading.set(`${name}.${id}.usedAsCollateral`, position?.usedAsCollateral ? 1n : 0n)
      if (stableDebt) putStable(reading, `${name}.${id}.stable`, position?.stable)
    }
  }
  return reading
}

function putStable(reading: Reading, name: string, debt: AavePosition['stable']): void {
  reading.set(name, debt?.principal ?? 0n)
  if (!debt || debt.principal === 0n) return
  reading.set(`${name}.rate`, debt.rate)
  reading.set(`${name}.updated`, debt.updated)
}

/** What differs between the chain's list and ours, in words. */
export function readingDifferences(theirs: Reading, ours: Reading): string[] {
  const names = new Set([...theirs.keys(), ...ours.keys()])
  return [...names]
    .filter((name) => theirs.get(name) !== ours.get(name))
    .map((name) => `${name}: ${ours.get(name)} instead of ${theirs.get(name)}`)
}
