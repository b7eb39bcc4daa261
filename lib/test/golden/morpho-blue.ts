/** Replays the recorded calls of Morpho Blue. */
import { morphoBlue } from '../../mechanisms/morpho-blue/mechanism.ts'
import { accrued } from '../../mechanisms/morpho-blue/rules.ts'
import type { MorphoState } from '../../mechanisms/morpho-blue/state.ts'
import type { FeedAnswer, UnixSeconds } from '../../model/index.ts'
import { field, type GoldenProtocol, integer, type JsonObject } from './replay.ts'

const FEED = 'collateral/loan'

/** One market, one borrower, one fee recipient. */
export const morphoBlueReplay: GoldenProtocol = {
  id: 'morpho-blue',
  matches: ({ protocol }) => protocol === 'morpho-blue',
  replay: (_file, input) => replay(input),
}

function replay(input: JsonObject): JsonObject {
  const state = stateOf(input)
  const time = integer(input, 'timestamp')
  const at = {
    time: Number(time) as UnixSeconds,
    price: (feed: string) => (feed === FEED ? (integer(input, 'price') as FeedAnswer) : undefined),
  }
  const call = field(input, 'call')
  const market = state.markets.get('m')
  const interest = market && market.lastUpdate > 0n ? accrued(market, time) : undefined
  const action = { do: 'liquidate', market: 'm', account: 'borrower' } as const
  const done = morphoBlue.apply(
    state,
    {
      ...action,
      seizedAssets: integer(call, 'seizedAssets'),
      repaidShares: integer(call, 'repaidShares'),
    },
    at,
  )
  if ('refused' in done) return { revert: done.refused.code }
  return { ...texts(interest), ...texts(done.moved), ...after(state) }
}

/** Fields of the file that our functions give by the same names. */
function texts(values: object | undefined): JsonObject {
  return Object.fromEntries(
    Object.entries(values ?? {}).flatMap(([key, value]) => (typeof value === 'bigint' ? [[key, String(value)]] : [])),
  )
}

function after(state: MorphoState): JsonObject {
  const market = state.markets.get('m')
  const { lltv: _, ...totals } = market ?? { lltv: 0n }
  const { supplyShares: __, ...position } = state.positions.get('m')?.get('borrower') ?? { supplyShares: 0n }
  const fees = state.positions.get('m')?.get('fees')?.supplyShares
  return { market: texts(totals), position: texts(position), feeRecipientSupplyShares: String(fees ?? 0n) }
}

function stateOf(input: JsonObject): MorphoState {
  const stored = field(input, 'market')
  const position = field(input, 'position')
  const created = input['marketCreated'] === true
  const market = {
    ...{ loan: 'loan', collateral: 'collateral', feed: FEED, lltv: integer(input, 'lltv') },
    rateModel:
      input['irm'] === true
        ? { kind: 'fixed' as const, rate: integer(input, 'borrowRate') }
        : { kind: 'none' as const },
    totalSupplyAssets: integer(stored, 'totalSupplyAssets'),
    totalSupplyShares: integer(stored, 'totalSupplyShares'),
    totalBorrowAssets: integer(stored, 'totalBorrowAssets'),
    totalBorrowShares: integer(stored, 'totalBorrowShares'),
    lastUpdate: created ? integer(stored, 'lastUpdate') : 0n,
    fee: integer(stored, 'fee'),
  }
  const borrower = {
    ...{ supplyShares: 0n, borrowShares: integer(position, 'borrowShares') },
    collateral: integer(position, 'collateral'),
  }
  const fees = { supplyShares: integer(input, 'feeRecipientSupplyShares'), borrowShares: 0n, collateral: 0n }
  return {
    feeRecipient: 'fees',
    markets: new Map([['m', market]]),
    positions: new Map([
      [
        'm',
        new Map([
          ['borrower', borrower],
          ['fees', fees],
        ]),
      ],
    ]),
  }
}
