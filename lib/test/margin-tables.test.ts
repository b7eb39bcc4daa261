/** Real margin tables and real answers of a venue, recomputed from positions and tiers. Skipped where the recordings are not at hand. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  accountLiquidationPrices,
  accountMargin,
  checkTierTable,
  deductionsOf,
  initialMargin,
  liquidationPrice,
  maintenanceAt,
  notionalAt,
  singleTier,
  type TierTable,
} from '../mechanisms/index.ts'
import { SHARED_DATA } from './shared-data.ts'

const tables = join(SHARED_DATA, 'margin-tables')
const binance = join(tables, 'binance_usdm_leverage_tiers.json.gz')
const live = join(tables, 'hyperliquid_live_2026-07-19_mainnet-m3.json')

type BinanceTier = {
  readonly maintenanceMarginRate: number
  readonly maxLeverage: number
  readonly info: { readonly notionalFloor: string; readonly notionalCap: string; readonly cum: string }
}

/** Relative to the larger of both and 1: what a server's six decimals allow. */
function close(got: number | undefined, expected: string) {
  const value = Number(expected)
  expect(got).toBeDefined()
  expect(Math.abs((got as number) - value) / Math.max(1, Math.abs(value))).toBeLessThanOrEqual(1e-6)
}

describe('Binance USD-M’s 349 symbols of October 2024', () => {
  it.skipIf(!existsSync(binance))(
    'are valid tables, continuous at each of 2,456 steps, with deductions that we compute alike',
    () => {
      const symbols = Object.entries(
        JSON.parse(gunzipSync(readFileSync(binance)).toString()) as Record<string, BinanceTier[]>,
      )
      expect(symbols).toHaveLength(349)
      let steps = 0
      for (const [, rows] of symbols) {
        const tiers = rows.map(({ maintenanceMarginRate: rate, maxLeverage, info }) => ({
          floor: Number(info.notionalFloor),
          rate,
          maxLeverage,
          deduction: Number(info.cum),
        }))
        const table: TierTable = checkTierTable({
          tiers,
          unit: 'quote',
          boundary: 'higher',
          ceiling: Number(rows.at(-1)?.info.notionalCap),
        })
        const computed = deductionsOf(tiers.map(({ floor, rate }) => [floor, rate]))
        const contract = { payoff: 'linear', maintenance: { kind: 'tiers', table } } as const
        tiers.forEach(({ floor, deduction }, at) => {
          expect(Math.abs((computed[at] as number) - deduction)).toBeLessThanOrEqual(1e-9 * Math.max(1, floor))
          if (at === 0) return
          steps++
          const below = maintenanceAt(contract, { side: 'long', size: floor * (1 - 1e-12), entryPrice: 1 }, 1).margin
          const above = maintenanceAt(contract, { side: 'long', size: floor, entryPrice: 1 }, 1).margin
          expect(Math.abs(above - below)).toBeLessThanOrEqual(1e-9 * floor)
        })
      }
      expect(steps).toBe(2_456)
    },
  )
})

type LivePosition = {
  readonly coin: string
  readonly szi: string
  readonly entryPx: string
  readonly positionValue: string
  readonly unrealizedPnl: string
  readonly liquidationPx: string | null
  readonly marginUsed: string
  readonly maxLeverage: number
  readonly leverage: { readonly type: string; readonly value: number; readonly rawUsd?: string }
}
type Summary = {
  readonly accountValue: string
  readonly totalNtlPos: string
  readonly totalRawUsd: string
  readonly totalMarginUsed: string
}
type Live = {
  readonly officialSchemaExamples: {
    readonly clearinghouseStateIsolatedPosition: {
      readonly position: LivePosition
      readonly accountSummaries: {
        readonly crossMarginSummary: Summary
        readonly marginSummary: Summary
        readonly withdrawable: string
      }
    }
  }
  readonly selection: {
    readonly perpUniverse: readonly {
      readonly marginTable: {
        readonly marginTiers: readonly { readonly lowerBound: string; readonly maxLeverage: number }[]
      } | null
    }[]
    readonly assetContexts: readonly { readonly name: string; readonly markPx: string }[]
    readonly crossMarginSummary: Summary
    readonly crossMaintenanceMarginUsed: string
    readonly positions: readonly LivePosition[]
  }
}

/** Maintenance is half of the initial margin at the position's own largest leverage: the server keeps old ones. */
function contractOf({ coin, maxLeverage }: LivePosition) {
  return {
    symbol: coin,
    payoff: 'linear',
    maintenance: { kind: 'tiers', table: singleTier(1 / (2 * maxLeverage), 0, maxLeverage) },
  } as const
}

function positionOf({ szi, entryPx }: LivePosition) {
  return { side: Number(szi) > 0 ? 'long' : 'short', size: Math.abs(Number(szi)), entryPrice: Number(entryPx) } as const
}

describe('Hyperliquid’s live answers of 2026-07-19', () => {
  const read = () => JSON.parse(readFileSync(live, 'utf8')) as Live

  it.skipIf(!existsSync(live))(
    'of a cross account: values, margin used, maintenance, and all three liquidation prices',
    () => {
      const { positions, assetContexts, crossMarginSummary: summary, crossMaintenanceMarginUsed } = read().selection
      const marks = new Map(assetContexts.map(({ name, markPx }) => [name, Number(markPx)]))
      expect(positions).toHaveLength(3)
      const total = Number(summary.totalNtlPos)
      close(total / 20, summary.totalMarginUsed)
      close(total * 0.01, crossMaintenanceMarginUsed)
      const prices = positions.map((one) => {
        const mark = marks.get(one.coin) as number
        const [contract, position] = [contractOf(one), positionOf(one)]
        close(notionalAt(contract, position, mark), one.positionValue)
        close(notionalAt(contract, position, mark) / one.leverage.value, one.marginUsed)
        // The entry price is printed with five figures: profit is only as exact as that.
        const profit = (position.side === 'long' ? 1 : -1) * position.size * (mark - position.entryPrice)
        const digit = 10 ** -(one.entryPx.split('.')[1]?.length ?? 0)
        expect(Math.abs(profit - Number(one.unrealizedPnl))).toBeLessThanOrEqual(position.size * digit)
        // The other positions are known by their sums only: their maintenance is the account's less this one's.
        const other = Number(crossMaintenanceMarginUsed) - maintenanceAt(contract, position, mark).margin
        const account = {
          collateral: [{ coin: 'USDC', amount: Number(summary.accountValue) - other, price: 1 }],
          positions: [{ contract, position: { ...position, entryPrice: mark }, mark, leverage: one.leverage.value }],
        }
        const { below, above } = accountLiquidationPrices(account, 0)
        const price = position.side === 'long' ? below : above
        if (one.liquidationPx === null) expect(price).toBeUndefined()
        else close(price, one.liquidationPx)
        return price
      })
      expect(prices.filter((price) => price !== undefined)).toHaveLength(1)
    },
  )

  it.skipIf(!existsSync(live))(
    'of an isolated position: value, margin, liquidation price, and the account around it',
    () => {
      const { position: one, accountSummaries } = read().officialSchemaExamples.clearinghouseStateIsolatedPosition
      const { crossMarginSummary: cross, marginSummary: all, withdrawable } = accountSummaries
      const [contract, position] = [contractOf(one), positionOf(one)]
      const mark = Number(one.positionValue) / position.size
      const value = Number(one.leverage.rawUsd) + notionalAt(contract, position, mark)
      close(value, one.marginUsed)
      close(initialMargin(contract, position, one.leverage.value), String((position.size * position.entryPrice) / 20))
      const found = liquidationPrice(contract, { ...position, entryPrice: mark }, { margin: value })
      close(found?.price, one.liquidationPx as string)
      close(Number(cross.accountValue) + value, all.accountValue)
      close(Number(cross.totalRawUsd) + Number(one.leverage.rawUsd), all.totalRawUsd)
      const margin = accountMargin({
        collateral: [{ coin: 'USDC', amount: Number(one.leverage.rawUsd) + position.size * mark, price: 1 }],
        positions: [{ contract, position: { ...position, entryPrice: mark }, mark, leverage: 20 }],
      })
      close(margin.notional, all.totalNtlPos)
      close(Number(cross.accountValue), withdrawable)
    },
  )

  it.skipIf(!existsSync(live))('of the tier tables: the deductions of BTC and ETH', () => {
    const deductions = read().selection.perpUniverse.flatMap(({ marginTable }) =>
      marginTable
        ? [
            deductionsOf(
              marginTable.marginTiers.map(({ lowerBound, maxLeverage }) => [Number(lowerBound), 1 / (2 * maxLeverage)]),
            )[1],
          ]
        : [],
    )
    close(deductions[0], '1875000')
    close(deductions[1], '1333333.3333333333')
  })
})
