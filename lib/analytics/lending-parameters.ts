/**
 * Parameters of a book that may be changed to see what it would do: thresholds, bonuses and close factor of Aave, factors of a Comet, LLTVs of Morpho.
 * A change gives another book by the same rules; bounds are the contracts' own. Sources: the heads of `mechanisms/aave`, `compound-v3`, `morpho-blue`.
 */
import { type AaveState, aaveV3Sizes, type CometState, type MorphoState } from '../mechanisms/index.ts'
import { breakwaterError, nearest } from '../model/index.ts'

/** A parameter: a fraction between two bounds (both included), in whole steps, and the book with another value. */
export type BookParameter<B> = {
  /** As it is written: `ETH.LT`, `eMode1.bonus`, `wstETH/USDC.LT`, `closeFactor`. */
  readonly name: string
  /** Other names that mean it among others: `wstETH.LT` is every market of wstETH. */
  readonly also?: readonly string[]
  readonly value: number
  readonly least: number
  readonly most: number
  readonly says: string
  readonly set: (value: number) => B
}

/** A change: of every book that has the parameter, or of one protocol's. */
export type BookChange = { readonly protocol: string | undefined; readonly name: string; readonly value: number }

/** A parameter that was changed, fractions. */
export type ChangedParameter = {
  readonly protocol: string
  readonly name: string
  readonly before: number
  readonly after: number
}

/** Books with parameters. */
type Changeable<B> = { readonly protocol: string; readonly parameters: () => readonly BookParameter<B>[] }

/** The finest change: a basis point. */
export const PARAMETER_STEP = 1e-4
const BPS = 10_000
const WAD_PER_BPS = 10n ** 14n
const bps = (value: number) => BigInt(Math.round(value * BPS))
const wad = (value: number) => bps(value) * WAD_PER_BPS
const share = (value: bigint, one: bigint) => Number(value) / Number(one)
const WAD = 10n ** 18n

/** Reads `ETH.LT=81%`, `aave-v3:ETH.bonus=0.06`, `closeFactor=100%`. Throws `bad-query` for anything else, `bad-number` for no whole basis points. */
export function parseBookChange(text: string): BookChange {
  const match = /^(?:([\w.-]+):)?([A-Za-z][\w./+-]*)=([+-]?\d+(?:\.\d+)?)\s*(%?)$/.exec(text.trim())
  if (!match)
    throw breakwaterError(
      'bad-query',
      `'${text.slice(0, 80)}' changes nothing`,
      { set: text.slice(0, 80) },
      { fix: 'Write --set ETH.LT=81%, or of one protocol --set aave-v3:ETH.LT=81%.' },
    )
  const value = Number(match[3]) / (match[4] === '%' ? 100 : 1)
  const whole = Math.round(value * BPS)
  if (Math.abs(value * BPS - whole) > 1e-6)
    throw breakwaterError(
      'bad-number',
      `${match[2]}=${match[3]}${match[4]} is no whole basis point`,
      { name: match[2] ?? '', value },
      { fix: 'Write 81% or 0.8125: at most two decimals of a percent.' },
    )
  return { protocol: match[1], name: match[2] as string, value: whole / BPS }
}

/**
 * The books with changes, one after the other, and what each changed. Throws `bad-query` for a name that no book has and for a value out of its bounds.
 */
export function changedBooks<B extends Changeable<B>>(
  books: readonly B[],
  changes: readonly BookChange[],
): { readonly books: readonly B[]; readonly changed: readonly ChangedParameter[] } {
  let now = [...books]
  const changed: ChangedParameter[] = []
  for (const change of changes) {
    let heard = false
    now = now.map((book) => {
      if (change.protocol !== undefined && change.protocol !== book.protocol) return book
      let next = book
      book.parameters().forEach((found, at) => {
        if (!isCalled(found, change.name)) return
        heard = true
        checkValue(found, book.protocol, change.value)
        // Set on the book as the ones before left it: two markets of one pair share a name, not a place.
        next = (next.parameters()[at] ?? found).set(change.value)
        changed.push({ protocol: book.protocol, name: found.name, before: found.value, after: change.value })
      })
      return next
    })
    if (!heard) throw unknownParameter(books, change)
  }
  return { books: now, changed }
}

const SAME: readonly (readonly [RegExp, string])[] = [
  [/\.(?:lltv|liquidationThreshold|liquidation-threshold)$/i, '.LT'],
]
const normal = (name: string) => SAME.reduce((text, [pattern, word]) => text.replace(pattern, word), name).toLowerCase()

/** Whether a parameter is meant by a name; capitals do not matter, and `LLTV` and `liquidationThreshold` are `LT`. */
export function isCalled({ name, also = [] }: Pick<BookParameter<unknown>, 'name' | 'also'>, word: string): boolean {
  const asked = normal(word)
  return [name, ...also].some((one) => normal(one) === asked)
}

function checkValue({ name, least, most, says }: BookParameter<unknown>, protocol: string, value: number): void {
  if (value >= least - 1e-12 && value <= most + 1e-12) return
  throw breakwaterError(
    'bad-query',
    `${name} of ${protocol} cannot be ${percent(value)}: it lies between ${percent(least)} and ${percent(most)}`,
    { name, value, least, most },
    { fix: `${name} is ${says}.` },
  )
}

const percent = (value: number) => `${Number((value * 100).toFixed(4))} %`

function unknownParameter<B extends Changeable<B>>(books: readonly B[], { protocol, name }: BookChange) {
  const own = books.filter((one) => protocol === undefined || one.protocol === protocol)
  const names = [...new Set(own.flatMap((one) => one.parameters().flatMap((p) => [p.name, ...(p.also ?? [])])))].sort()
  if (own.length === 0)
    return breakwaterError(
      'bad-query',
      `no loan here is of ${protocol}`,
      { protocol },
      { fix: `The loans are of ${books.map((one) => one.protocol).join(', ')}.` },
    )
  return breakwaterError(
    'bad-query',
    `nothing in the book is called ${name.slice(0, 60)}`,
    { name: name.slice(0, 60) },
    { fix: `Change one of ${names.slice(0, 60).join(', ')}${nearest(name, names)}` },
  )
}

/** Aave's: of each reserve, of each e-mode, and from v3.3 on the close factor. `make` gives the book of a state. */
export function aaveParameters<B>(
  state: AaveState,
  nameOf: (asset: string) => string,
  make: (state: AaveState) => B,
  closeFactor: { readonly now: bigint; readonly make: (bps: bigint) => B } | undefined,
): readonly BookParameter<B>[] {
  const reserves = [...state.reserves].flatMap(([asset, reserve]) => {
    const { config } = reserve
    if (config.liquidationThreshold === 0n) return []
    return pairOf(nameOf(asset), config, ({ liquidationThreshold = config.liquidationThreshold, ...rest }) => {
      const ltv = config.ltv > liquidationThreshold ? liquidationThreshold : config.ltv
      const next = { ...reserve, config: { ...config, ...rest, liquidationThreshold, ltv } }
      return make({ ...state, reserves: new Map(state.reserves).set(asset, next) })
    })
  })
  const eModes = [...state.eModes].flatMap(([id, mode]) =>
    pairOf(`eMode${id}`, mode, ({ liquidationThreshold = mode.liquidationThreshold, ...rest }) => {
      const ltv = mode.ltv > liquidationThreshold ? liquidationThreshold : mode.ltv
      return make({ ...state, eModes: new Map(state.eModes).set(id, { ...mode, ...rest, liquidationThreshold, ltv }) })
    }),
  )
  if (!closeFactor) return [...reserves, ...eModes]
  return [
    ...reserves,
    ...eModes,
    {
      ...{ name: 'closeFactor', value: share(closeFactor.now, 10_000n), least: PARAMETER_STEP, most: 1 },
      says: 'the part of the whole debt that one call may repay while the health factor is above 0.95',
      set: (value) => closeFactor.make(bps(value)),
    },
  ]
}

/** Aave's own close factor, bps. */
export const AAVE_CLOSE_FACTOR = aaveV3Sizes.DEFAULT_CLOSE_FACTOR

type Terms = { readonly liquidationThreshold: bigint; readonly liquidationBonus: bigint }

/** Threshold and bonus, whose product stays at or below 1, as the contract wants it. */
function pairOf<B>(
  of: string,
  { liquidationThreshold, liquidationBonus }: Terms,
  make: (next: Partial<Terms>) => B,
): readonly BookParameter<B>[] {
  const most = (other: bigint) => Math.floor(1e8 / Number(other)) / BPS
  return [
    {
      ...{ name: `${of}.LT`, value: share(liquidationThreshold, 10_000n), least: PARAMETER_STEP },
      most: Math.min(1, most(liquidationBonus)),
      says: `the liquidation threshold of ${of}; times the bonus it stays at or below 1`,
      set: (value: number) => make({ liquidationThreshold: bps(value) }),
    },
    {
      ...{ name: `${of}.bonus`, value: share(liquidationBonus, 10_000n) - 1, least: 0 },
      most: most(liquidationThreshold) - 1,
      says: `the liquidation bonus of ${of}; with the threshold it stays at or below 1`,
      set: (value: number) => make({ liquidationBonus: 10_000n + bps(value) }),
    },
  ].map((one) => ({ ...one, value: Number(one.value.toFixed(4)), most: Number(one.most.toFixed(4)) }))
}

/** A Comet's: of each collateral the factor at which it is absorbed and the penalty, and the part of the penalty that buyers get. */
export function cometParameters<B>(
  state: CometState,
  nameOf: (asset: string) => string,
  make: (state: CometState) => B,
): readonly BookParameter<B>[] {
  const { config } = state
  const assets = config.assets.flatMap((asset, at) => {
    const name = nameOf(asset.symbol)
    const set = (next: Partial<typeof asset>) =>
      make({ ...state, config: { ...config, assets: config.assets.with(at, { ...asset, ...next }) } })
    return [
      {
        ...{ name: `${name}.LT`, value: share(asset.liquidateCollateralFactor, WAD), least: PARAMETER_STEP, most: 1 },
        says: `the liquidation collateral factor of ${name}`,
        set: (value: number) => {
          const liquidateCollateralFactor = wad(value)
          const { borrowCollateralFactor: now } = asset
          const borrowCollateralFactor = now > liquidateCollateralFactor ? liquidateCollateralFactor : now
          return set({ liquidateCollateralFactor, borrowCollateralFactor })
        },
      },
      {
        ...{ name: `${name}.penalty`, value: 1 - share(asset.liquidationFactor, WAD), least: 0, most: 1 },
        says: `the part of ${name} that an absorbed account loses`,
        set: (value: number) => set({ liquidationFactor: WAD - wad(value) }),
      },
    ]
  })
  return [
    ...assets,
    {
      ...{ name: 'storeFrontFactor', value: share(config.storeFrontPriceFactor, WAD), least: 0, most: 1 },
      says: 'the part of the penalty that is the discount of who buys absorbed collateral',
      set: (value: number) => make({ ...state, config: { ...config, storeFrontPriceFactor: wad(value) } }),
    },
  ].map((one) => ({ ...one, value: Number(one.value.toFixed(6)) }))
}

/** Morpho's: the LLTV of each pair. Its bonus follows from the LLTV. */
export function morphoParameters<B>(
  state: MorphoState,
  nameOf: (asset: string) => string,
  make: (state: MorphoState) => B,
): readonly BookParameter<B>[] {
  return [...state.markets].map(([id, market]) => {
    const [collateral, loan] = [nameOf(market.collateral), nameOf(market.loan)]
    return {
      ...{ name: `${collateral}/${loan}.LT`, also: [`${collateral}.LT`], value: share(market.lltv, WAD) },
      ...{ least: PARAMETER_STEP, most: 1 - PARAMETER_STEP },
      says: `the LLTV of the market ${id.slice(0, 40)}; the liquidator’s bonus follows from it`,
      set: (value: number) =>
        make({ ...state, markets: new Map(state.markets).set(id, { ...market, lltv: wad(value) }) }),
    }
  })
}
