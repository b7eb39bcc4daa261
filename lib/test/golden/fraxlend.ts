/** Replays the recorded liquidations of FraxLend. */
import { updateExchangeRate } from '../../mechanisms/fraxlend/actions.ts'
import { type FraxlendConfig, type FraxlendState, liquidate } from '../../mechanisms/fraxlend/rules.ts'
import { applied } from '../../mechanisms/solidity.ts'
import { field, type GoldenFile, type GoldenProtocol, integer, type Json, type JsonObject } from './replay.ts'

/** FraxLend. */
export const fraxlendReplay: GoldenProtocol = {
  id: 'fraxlend',
  matches: ({ protocol }) => protocol.startsWith('fraxlend'),
  replay,
}

const BORROWER = 'borrower'

function replay(file: GoldenFile, input: JsonObject): JsonObject {
  const state = stateOf(file, input)
  const call = field(input, 'call')
  const zero = (call as JsonObject)['zeroBorrower'] === true
  const time = integer(input, 'timestamp')
  const rates = field(input, 'exchangeRate')
  const answers = { low: integer(rates, 'low'), high: integer(rates, 'high') }
  let out: JsonObject = {}
  const done = applied(() => {
    const shares = integer(call, 'sharesToLiquidate')
    const moved = liquidate(state, {
      borrower: zero ? '' : BORROWER,
      shares,
      deadline: integer(call, 'deadline'),
      low: () => {
        updateExchangeRate(state, () => answers, time)
        return state.exchange.low
      },
      time,
    })
    out = texts({ ...moved, sharesToLiquidate: shares })
    return { facts: [] }
  })
  if ('refused' in done) return { revert: done.refused.code }
  const { feeToProtocolRate, lastTimestamp, ratePerSec, fullUtilizationRate } = state
  return {
    ...out,
    rateInfo: texts({ feeToProtocolRate, lastTimestamp, ratePerSec, fullUtilizationRate }),
    totalAsset: texts(state.totalAsset),
    totalBorrow: texts(state.totalBorrow),
    totalCollateral: String(state.totalCollateral),
    borrower: texts(state.borrowers.get(BORROWER) ?? {}),
    protocol: texts(state.own),
  }
}

function texts(amounts: object): JsonObject {
  return Object.fromEntries(Object.entries(amounts).map(([key, value]) => [key, String(value)]))
}

function account(value: Json | undefined): { amount: bigint; shares: bigint } {
  return { amount: integer(value, 'amount'), shares: integer(value, 'shares') }
}

function stateOf(file: GoldenFile, input: JsonObject): FraxlendState {
  const market = (file['markets'] as JsonObject[]).find(({ id }) => id === input['pair'])
  const info = field(input, 'rateInfo')
  const model = field(file as unknown as JsonObject, 'interestModel')
  const rates = field(input, 'exchangeRate')
  const config: FraxlendConfig = {
    ...{ pair: String(input['pair']), asset: 'asset', collateral: 'collateral', lowFeed: 'low', highFeed: 'high' },
    maxOracleDeviation: 0n,
    maxLtv: integer(market, 'maxLTV'),
    cleanLiquidationFee: integer(market, 'cleanLiquidationFee'),
    dirtyLiquidationFee: integer(market, 'dirtyLiquidationFee'),
    protocolLiquidationFee: integer(market, 'protocolLiquidationFee'),
  }
  return {
    config,
    rate: {
      vertexUtilization: integer(model, 'vertexUtilization'),
      vertexRatePercentOfDelta: integer(model, 'vertexRatePercentOfDelta'),
      minTargetUtil: integer(model, 'minTargetUtil'),
      maxTargetUtil: integer(model, 'maxTargetUtil'),
      zeroUtilizationRate: integer(model, 'zeroUtilizationRate'),
      minFullUtilizationRate: integer(model, 'minFullUtilizationRate'),
      maxFullUtilizationRate: integer(model, 'maxFullUtilizationRate'),
      rateHalfLife: integer(model, 'rateHalfLife'),
    },
    feeToProtocolRate: integer(info, 'feeToProtocolRate'),
    lastTimestamp: integer(info, 'lastTimestamp'),
    ratePerSec: integer(info, 'ratePerSec'),
    fullUtilizationRate: integer(info, 'fullUtilizationRate'),
    totalAsset: account(input['totalAsset']),
    totalBorrow: account(input['totalBorrow']),
    totalCollateral: integer(input, 'totalCollateral'),
    liquidatePaused: input['liquidatePaused'] === true,
    exchange: { lastTimestamp: 0n, low: integer(rates, 'low'), high: integer(rates, 'high') },
    lenders: new Map(),
    borrowers: new Map([
      [
        BORROWER,
        {
          collateral: integer(input['borrower'], 'collateral'),
          borrowShares: integer(input['borrower'], 'borrowShares'),
        },
      ],
    ]),
    own: {
      collateral: integer(input['protocol'], 'collateral'),
      assetShares: integer(input['protocol'], 'assetShares'),
    },
  }
}
