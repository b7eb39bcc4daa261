/** What Aave stores: reserves, e-mode categories, accounts. Plain data; integers in the contract's own scales. */

/** Risk parameters of a reserve in basis points (`liquidationBonus` 10500 = 5 % on top) and its interest rate curve. */
export type AaveReserveConfig = {
  readonly asset: string
  readonly feed: string
  readonly decimals: bigint
  readonly ltv: bigint
  readonly liquidationThreshold: bigint
  readonly liquidationBonus: bigint
  readonly liquidationProtocolFee: bigint
  readonly reserveFactor: bigint
  readonly optimalUsage: bigint
  readonly baseRate: bigint
  readonly slope1: bigint
  readonly slope2: bigint
  /** Stable-rate borrowing of v2 and v3.0, bps; `undefined` where the version has none. */
  readonly stable?: AaveStableConfig | undefined
}

/** The stable rate's curve, bps. `market`: v2's lending rate oracle (ray). The last three exist in v3.0 only. */
export type AaveStableConfig = {
  readonly slope1: bigint
  readonly slope2: bigint
  readonly market?: bigint | undefined
  readonly baseOffset?: bigint | undefined
  readonly excessOffset?: bigint | undefined
  readonly optimalShare?: bigint | undefined
}

/** Stable-rate debt: principal in asset atoms as of `updated`, rate in ray per year (a reserve's is the average). */
export type AaveStableDebt = { readonly principal: bigint; readonly rate: bigint; readonly updated: bigint }

/** A reserve: parameters, and indices (ray), rates (ray per year) and totals as of `updated` (unix seconds). */
export type AaveReserve = {
  readonly config: AaveReserveConfig
  liquidityIndex: bigint
  liquidityRate: bigint
  variableBorrowIndex: bigint
  variableBorrowRate: bigint
  updated: bigint
  /** Scaled aTokens owed to the treasury. */
  accruedToTreasury: bigint
  /** Bad debt, asset atoms (from v3.3). */
  deficit: bigint
  /** Underlying that the pool counts as its own, asset atoms. */
  virtualBalance: bigint
  /** All accounts' scaled variable debt. */
  scaledDebt: bigint
  paused: boolean
  stableBorrowRate?: bigint | undefined
  stable?: AaveStableDebt | undefined
  /** Liquidations are refused up to and including this time, unix seconds; 0 = no grace. */
  graceUntil: bigint
}

/** What an account has in a reserve, scaled: divide by index. */
export type AavePosition = {
  scaledCollateral: bigint
  usedAsCollateral: boolean
  scaledDebt: bigint
  borrowing: boolean
  stable?: AaveStableDebt | undefined
}

/** An account: its e-mode category (0 = none) and positions by asset. */
export type AaveAccount = { eMode: number; readonly positions: Map<string, AavePosition> }

/** An e-mode category: thresholds for the assets that count in it. */
export type AaveEMode = {
  readonly ltv: bigint
  readonly liquidationThreshold: bigint
  readonly liquidationBonus: bigint
  readonly collateral: readonly string[]
}

/** Reserves by asset in the order of their ids; accounts by id. The treasury is the account of that id. */
export type AaveState = {
  readonly reserves: Map<string, AaveReserve>
  readonly eModes: Map<number, AaveEMode>
  readonly accounts: Map<string, AaveAccount>
  readonly treasury: string
}

/** A copy that can be changed without touching the original. */
export function copyOf(state: AaveState): AaveState {
  return {
    reserves: new Map([...state.reserves].map(([asset, reserve]) => [asset, { ...reserve }])),
    eModes: state.eModes,
    accounts: new Map([...state.accounts].map(([id, account]) => [id, copyOfAccount(account)])),
    treasury: state.treasury,
  }
}

/** A copy of one account. */
export function copyOfAccount({ eMode, positions }: AaveAccount): AaveAccount {
  return { eMode, positions: new Map([...positions].map(([asset, position]) => [asset, { ...position }])) }
}

/** A position, made empty where there is none yet. */
export function positionOf(account: AaveAccount, asset: string): AavePosition {
  const found = account.positions.get(asset)
  if (found) return found
  const empty = { scaledCollateral: 0n, usedAsCollateral: false, scaledDebt: 0n, borrowing: false }
  account.positions.set(asset, empty)
  return empty
}
