/** Assets of an account table, judged: decimals, price, threshold, bonus, indices, and what is wrong with each, by line. */
import { breakwaterError, type ErrorCode, isBreakwaterError, parseFixed } from '../model/index.ts'
import { ASSET_FIELDS, type RawAsset, type RawEMode } from './lending-rows.ts'

/** What is wrong in a table: the code of the error, the line (or the number of the JSON element), and a sentence. */
export type TableProblem = { readonly code: ErrorCode; readonly line: number; readonly message: string }

/** An asset of a table. `price`: dollars, 8 decimals, rounded down; thresholds and bonus in bps (10500 = 5 % on top); indices in ray. */
export type TableAsset = {
  readonly asset: string
  readonly feed: string
  readonly follows: string | undefined
  readonly decimals: number
  readonly price: bigint
  readonly liquidationThreshold: bigint
  readonly liquidationBonus: bigint
  readonly liquidityIndex: bigint
  readonly borrowIndex: bigint
}

/** Assets by name; a name with problems has no asset. */
export type TableAssets = {
  readonly assets: ReadonlyMap<string, TableAsset>
  readonly problems: ReadonlyMap<string, readonly TableProblem[]>
}

/** Decimals of prices: Aave v3's base currency. */
export const TABLE_PRICE_DECIMALS = 8
/** The most decimals that an asset may have. */
export const MOST_DECIMALS = 36
const RAY = 10n ** 27n
const BPS = 10_000n

/** Judges every asset that was written down. What several lines say of one must agree; the first to say it counts. */
export function judgedAssets(raws: readonly RawAsset[]): TableAssets {
  const written = new Map<string, Map<string, { text: string; line: number }>>()
  const problems = new Map<string, TableProblem[]>()
  const complain = (asset: string, problem: TableProblem) =>
    problems.set(asset, [...(problems.get(asset) ?? []), problem])
  for (const { asset, line, fields } of raws) {
    const known = written.get(asset) ?? new Map<string, { text: string; line: number }>()
    written.set(asset, known)
    for (const [name, text] of Object.entries(fields)) {
      const before = known.get(name)
      if (!(ASSET_FIELDS as readonly string[]).includes(name))
        complain(asset, { code: 'bad-file', line, message: `${name} is not known of an asset` })
      else if (before === undefined) known.set(name, { text, line })
      else if (before.text !== text)
        complain(asset, {
          code: 'bad-state',
          line,
          message: `${name} of ${asset} is ${text} here and ${before.text} on line ${before.line}`,
        })
    }
  }
  const assets = new Map<string, TableAsset>()
  for (const [asset, fields] of written) {
    const line = raws.find((raw) => raw.asset === asset)?.line ?? 0
    const judged = judgedAsset(asset, fields, line, (problem) => complain(asset, problem))
    if (judged && !problems.has(asset)) assets.set(asset, judged)
  }
  return { assets, problems }
}

function judgedAsset(
  asset: string,
  fields: ReadonlyMap<string, { text: string; line: number }>,
  line: number,
  complain: (problem: TableProblem) => void,
): TableAsset | undefined {
  if (asset === '') complain({ code: 'bad-file', line, message: 'an asset has no name' })
  const judge = <T>(name: string, missing: T, read: (text: string) => T): T => {
    const written = fields.get(name)
    if (!written) return missing
    try {
      return read(written.text)
    } catch (error) {
      if (!isBreakwaterError(error)) throw error
      complain({ code: error.code, line: written.line, message: `${name} of ${asset}: ${error.message}` })
      return missing
    }
  }
  if (!fields.has('price')) complain({ code: 'missing-price', line, message: `${asset} has no price` })
  const liquidationThreshold = judge('liquidationThreshold', 0n, shareBps)
  const liquidationBonus = BPS + judge('liquidationBonus', 0n, shareBps)
  if (liquidationThreshold * liquidationBonus > BPS * BPS)
    complain({
      code: 'bad-state',
      line,
      message: `${asset}: threshold times bonus is above 1, which Aave does not allow`,
    })
  return {
    asset,
    feed: fields.get('feed')?.text ?? `${asset}/USD`,
    follows: fields.get('follows')?.text,
    decimals: judge('decimals', 18, decimalsOf),
    price: judge('price', 0n, priceDown),
    ...{ liquidationThreshold, liquidationBonus },
    liquidityIndex: judge('liquidityIndex', RAY, indexOf),
    borrowIndex: judge('borrowIndex', RAY, indexOf),
  }
}

function decimalsOf(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value <= MOST_DECIMALS) return value
  throw breakwaterError('bad-state', `${text} decimals; there are 0 to ${MOST_DECIMALS}`, { decimals: text })
}

/** Dollars to 8 decimals; what is beyond them is cut off. */
function priceDown(text: string): bigint {
  const whole = parseFixed(text, 60) / 10n ** BigInt(60 - TABLE_PRICE_DECIMALS)
  if (whole > 0n) return whole
  throw breakwaterError('missing-price', `a price of ${text} is none above 0.00000001`, { price: text })
}

/** A share as 0.825 or 82.5%, in whole basis points from 0 to 10,000. */
export function shareBps(text: string): bigint {
  const percent = text.endsWith('%')
  const value = parseFixed(percent ? text.slice(0, -1) : text, percent ? 2 : 4)
  if (value >= 0n && value <= BPS) return value
  throw breakwaterError('bad-state', `${text} is no share between 0 and 1`, { share: text })
}

/** An index as 1.0234 or as an integer in ray. */
function indexOf(text: string): bigint {
  const value = /^\d{27,}$/.test(text) ? BigInt(text) : parseFixed(text, 27)
  if (value >= RAY && value < 1n << 128n) return value
  throw breakwaterError('bad-state', `an index of ${text} is below 1 ray or above 128 bits`, { index: text })
}

/** An e-mode category of a table. */
export type TableEMode = {
  readonly id: number
  readonly liquidationThreshold: bigint
  readonly liquidationBonus: bigint
  readonly collateral: readonly string[]
}

/** Judges the e-mode categories; problems by id (or by `#` and the place where even that is wrong). */
export function judgedEModes(raws: readonly RawEMode[]): {
  readonly eModes: ReadonlyMap<number, TableEMode>
  readonly problems: readonly TableProblem[]
} {
  const eModes = new Map<number, TableEMode>()
  const problems: TableProblem[] = []
  for (const { line, fields } of raws) {
    try {
      const id = Number(fields['id'])
      if (!Number.isInteger(id) || id < 1 || id > 255)
        throw breakwaterError('bad-state', `e-mode ${fields['id']} is no category from 1 to 255`)
      const { collateral } = fields
      if (!Array.isArray(collateral)) throw breakwaterError('bad-state', `e-mode ${id} lists no collateral`)
      eModes.set(id, {
        id,
        liquidationThreshold: shareBps(String(fields['liquidationThreshold'])),
        liquidationBonus: BPS + shareBps(String(fields['liquidationBonus'] ?? '0')),
        collateral: collateral.map(String),
      })
    } catch (error) {
      if (!isBreakwaterError(error)) throw error
      problems.push({ code: error.code, line, message: `eModes: ${error.message}` })
    }
  }
  return { eModes, problems }
}
