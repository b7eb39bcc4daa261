/** The five markets of `data/crvusd-llamma-2024-01-30` as snapshots, with what was recorded of each loan. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import type { LlammaSnapshot } from '../mechanisms/index.ts'
import { parseFixed } from '../model/index.ts'
import { SHARED_DATA } from './shared-data.ts'

const FOLDER = join(SHARED_DATA, 'crvusd-llamma-2024-01-30')

const text = z.string()
const file = z.object({
  llamma_params: z.object({
    ...{ name: text, A: text, rate: text, rate_mul: text, fee: text, admin_fee: text, BASE_PRICE: text },
    ...{ active_band: text, oracle_price: text, collateral_precision: text, collateral_symbol: text },
  }),
  controller_params: z.object({ liquidation_discount: text, loan_discount: text, n_loans: text }),
  ammPrice: text,
  timestamp: z.coerce.number(),
  bands: z.array(z.object({ index: text, stableCoin: text, collateral: text, timestamp: text })),
  userStates: z.array(
    z.object({
      ...{ user: z.object({ id: text }), collateral: text, depositedCollateral: text, stablecoin: text },
      ...{ n1: text, n2: text, debt: text, health: text, timestamp: text },
    }),
  ),
})

/** What was recorded of a loan; amounts and health as numbers. */
export type RecordedLoan = {
  readonly account: string
  readonly n1: number
  readonly n2: number
  readonly x: number
  readonly y: number
  readonly deposited: number
  readonly debt: number
  readonly health: number
}

/** A market as recorded; `snapshot` has no bands and loans yet. Times in seconds: of the chain's block, of the loans, of the bands. */
export type RecordedMarket = {
  readonly name: string
  readonly snapshot: LlammaSnapshot
  readonly bandsX: ReadonlyMap<number, bigint>
  readonly bandsY: ReadonlyMap<number, bigint>
  readonly ammPrice: number
  readonly times: { readonly block: number; readonly loans: number; readonly bands: number }
  readonly loans: readonly RecordedLoan[]
}

/** Whether the recordings are there. */
export const hasSnapshots = existsSync(FOLDER)

/** The markets. Interest is wound back to the time of the loans, because debts and health were recorded then. */
export function recordedMarkets(): readonly RecordedMarket[] {
  return readdirSync(FOLDER)
    .filter((name) => name.startsWith('pool_metadata'))
    .sort()
    .map((name) => read(JSON.parse(gunzipSync(readFileSync(join(FOLDER, name))).toString('utf8'))))
}

/** Decimal text at a scale, further digits cut off. */
function cut(value: string, decimals: number): bigint {
  const [whole = '0', fraction = ''] = value.split('.')
  return parseFixed(`${whole}.${fraction.slice(0, decimals)}`, decimals)
}

function read(json: unknown): RecordedMarket {
  const { llamma_params: amm, controller_params: controller, bands, userStates, ...rest } = file.parse(json)
  const decimals = Number(amm.collateral_precision)
  const times = {
    block: rest.timestamp,
    loans: Number(userStates[0]?.timestamp),
    bands: Number(bands[0]?.timestamp),
  }
  const rate = BigInt(amm.rate)
  const rateMul = (BigInt(amm.rate_mul) * 10n ** 18n) / (10n ** 18n + rate * BigInt(times.block - times.loans))
  const amounts = (key: 'stableCoin' | 'collateral') =>
    new Map(bands.map((band) => [Number(band.index), cut(band[key], 18)] as const).filter(([, amount]) => amount > 0n))
  return {
    name: amm.collateral_symbol,
    ammPrice: Number(rest.ammPrice),
    times,
    bandsX: amounts('stableCoin'),
    bandsY: amounts('collateral'),
    snapshot: {
      terms: {
        ...{ collateral: amm.collateral_symbol, borrowed: 'crvUSD', feed: 'oracle', collateralDecimals: decimals },
        ...{ A: Number(amm.A), basePrice: cut(amm.BASE_PRICE, 18), fee: cut(amm.fee, 18), ceiling: 10n ** 26n },
        adminFee: cut(amm.admin_fee, 18),
        loanDiscount: cut(controller.loan_discount, 18),
        liquidationDiscount: cut(controller.liquidation_discount, 18),
        time: BigInt(times.loans),
      },
      ...{ price: cut(amm.oracle_price, 18), rate, rateMul, activeBand: Number(amm.active_band) },
      ...{ bandsX: new Map(), bandsY: new Map(), loans: [] },
    },
    loans: userStates.map((one) => ({
      account: one.user.id,
      n1: Number(one.n1),
      n2: Number(one.n2),
      x: Number(one.stablecoin),
      y: Number(one.collateral),
      deposited: Number(one.depositedCollateral),
      debt: Number(one.debt),
      health: Number(one.health),
    })),
  }
}

/**
 * How a loan's recorded amounts lie over its bands (18 decimals): untouched ones equally; of the others the stablecoin above the active band by its
 * prices, the collateral below equally, and the active band counted half.
 */
export function amountsByBand({ n1, n2, x, y }: RecordedLoan, active: number) {
  const weights = (side: 'x' | 'y') =>
    Array.from({ length: n2 - n1 + 1 }, (_, i) => {
      const n = n1 + i
      if (x === 0) return side === 'y' ? 1 : 0
      const inside = side === 'x' ? n < active : n > active
      return (n === active ? 0.5 : inside ? 1 : 0) * (side === 'x' ? 0.99 ** i : 1)
    })
  const spread = (amount: number, side: 'x' | 'y') => {
    const parts = weights(side)
    const sum = parts.reduce((total, part) => total + part, 0)
    return parts.map((part) => (sum > 0 ? BigInt(Math.round((amount * 1e18 * part) / sum)) : 0n))
  }
  return { x: spread(x, 'x'), y: spread(y, 'y') }
}

/** The band in which the greatest of the half converted loans stands: how many of its bands are stablecoin by value. */
export function activeOf({ loans, snapshot }: RecordedMarket): number {
  const price = Number(snapshot.price) / 1e18
  const mixed = loans.filter(({ x, y }) => x > 0 && y > 0).sort((a, b) => b.x + b.y * price - a.x - a.y * price)[0]
  if (!mixed) return snapshot.activeBand
  return mixed.n1 + Math.floor((mixed.x / (mixed.x + mixed.y * price)) * (mixed.n2 - mixed.n1 + 1))
}

/** The market at the time of the loans: bands are what the recorded loans hold, shares what each loan holds of its bands. */
export function fromLoans(recorded: RecordedMarket): LlammaSnapshot {
  const activeBand = activeOf(recorded)
  const [bandsX, bandsY] = [new Map<number, bigint>(), new Map<number, bigint>()]
  const loans = recorded.loans.map((loan) => {
    const { x, y } = amountsByBand(loan, activeBand)
    const price = recorded.snapshot.price
    for (let i = 0; i < x.length; i++) {
      bandsX.set(loan.n1 + i, (bandsX.get(loan.n1 + i) ?? 0n) + (x[i] ?? 0n))
      bandsY.set(loan.n1 + i, (bandsY.get(loan.n1 + i) ?? 0n) + (y[i] ?? 0n))
    }
    const shares = x.map((one, i) => (one * 10n ** 18n) / price + (y[i] ?? 0n))
    return { account: loan.account, n1: loan.n1, shares, debt: BigInt(Math.round(loan.debt * 1e18)) }
  })
  return { ...recorded.snapshot, activeBand, bandsX, bandsY, loans }
}

/** The market as its bands were recorded, hours before the loans, each band divided as the loans were recorded. */
export function fromBands(recorded: RecordedMarket): LlammaSnapshot {
  const { bandsX, bandsY } = recorded
  const { loans } = fromLoans(recorded)
  return { ...recorded.snapshot, activeBand: Math.max(...bandsX.keys()), bandsX, bandsY, loans }
}
