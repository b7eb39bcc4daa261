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
  /** Whether anybody may borrow it outside e-mode; `undefined` = yes. */
  readonly borrowing?: boolean | undefined
  /** Largest supply and largest debt in whole tokens; 0 or `undefined` = no cap. From v3.0. */
  readonly supplyCap?: bigint | undefined
  readonly borrowCap?: bigint | undefined
  /** Isolation mode: largest debt against it in hundredths of a dollar; 0 or `undefined` = not isolated. v3.0 to v3.6. */
  readonly debtCeiling?: bigint | undefined
  /** May be borrowed against isolated collateral; `undefined` = no. v3.0 to v3.6. */
  readonly borrowableInIsolation?: boolean | undefined
  /** Who borrows it borrows nothing else; `undefined` = no. v3.0 to v3.6. */
  readonly siloed?: boolean | undefined
}

/** The stable rate's curve, bps. `market`: v2's lending rate oracle (ray). The last three exist in v3.0 only. */
export type AaveStableConfig = {
  readonly slope1: bigint
  readonly slope2: bigint
  /** Whether a stable rate may be chosen; `undefined` = yes. */
  readonly enabled?: boolean | undefined
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
  /** All accounts' scaled aTokens, the treasury's included; `undefined`: the sum over the accounts of the state. */
  scaledSupply?: bigint | undefined
  paused: boolean
  /** Nothing may be supplied or borrowed; `undefined` = no. */
  frozen?: boolean | undefined
  /** `false`: every action is refused; `undefined` = yes. */
  active?: boolean | undefined
  /** Debt against it in isolation mode, hundredths of a dollar; `undefined` = 0. */
  isolationDebt?: bigint | undefined
  /** v1: origination fees that went to the protocol's distributor, asset atoms. */
  feesCollected?: bigint | undefined
  stableBorrowRate?: bigint | undefined
  stable?: AaveStableDebt | undefined
  /** Liquidations are refused up to and including this time, unix seconds; 0 = no grace. */
  graceUntil: bigint
}

/** What an account has in a reserve, scaled: divide by index. In v1 both are principals, atoms as of the indices in `v1`. */
export type AavePosition = {
  scaledCollateral: bigint
  usedAsCollateral: boolean
  scaledDebt: bigint
  borrowing: boolean
  stable?: AaveStableDebt | undefined
  v1?: AaveV1Terms | undefined
}

/**
 * What only v1 stores of a position: liquidity index of its aTokens and borrow index of its debt (ray; 0 = none), origination fee owed (atoms),
 * its stable rate (ray per year; 0 = variable), and when the debt was last touched (unix seconds).
 */
export type AaveV1Terms = {
  readonly index: bigint
  readonly debtIndex: bigint
  readonly fee: bigint
  readonly stableRate: bigint
  readonly updated: bigint
}

/** An account: its e-mode category (0 = none) and positions by asset. */
export type AaveAccount = { eMode: number; readonly positions: Map<string, AavePosition> }

/** An e-mode category: thresholds for the assets that count in it. */
export type AaveEMode = {
  readonly ltv: bigint
  readonly liquidationThreshold: bigint
  readonly liquidationBonus: bigint
  readonly collateral: readonly string[]
  /** What may be borrowed in it; `undefined`: its collateral. */
  readonly borrowable?: readonly string[] | undefined
  /** Collateral that counts for nothing new (from v3.6). */
  readonly ltvZero?: readonly string[] | undefined
  /** Other collateral counts for nothing new (from v3.7). */
  readonly isolated?: boolean | undefined
  /** One price for all of its assets (v3.0 and v3.1). */
  readonly feed?: string | undefined
}

/** Reserves by asset in the order of their ids; accounts by id. The treasury is the account of that id. */
export type AaveState = {
  readonly reserves: Map<string, AaveReserve>
  readonly eModes: Map<number, AaveEMode>
  readonly accounts: Map<string, AaveAccount>
  readonly treasury: string
  /** Name of the market in facts; `undefined`: the mechanism's id. */
  readonly market?: string | undefined
}

/** A copy that can be changed without touching the original; with `ids`, of these accounts only. */
export function copyOf(state: AaveState, ids: Iterable<string> = state.accounts.keys()): AaveState {
  const accounts = new Map<string, AaveAccount>()
  for (const id of ids) {
    const account = state.accounts.get(id)
    if (account) accounts.set(id, copyOfAccount(account))
  }
  const reserves = new Map([...state.reserves].map(([asset, reserve]) => [asset, { ...reserve }]))
  return { ...state, reserves, accounts }
}

/** A copy of one account. */
export function copyOfAccount({ eMode, positions }: AaveAccount): AaveAccount {
  return { eMode, positions: new Map([...positions].map(([asset, position]) => [asset, { ...position }])) }
}

/** An account without anything. */
export function emptyAccount(): AaveAccount {
  return { eMode: 0, positions: new Map() }
}

/** The account of an id, made where there is none yet. */
export function accountOf(state: AaveState, id: string): AaveAccount {
  const account = state.accounts.get(id) ?? emptyAccount()
  state.accounts.set(id, account)
  return account
}

/** A position, made empty where there is none yet. */
export function positionOf(account: AaveAccount, asset: string): AavePosition {
  const found = account.positions.get(asset)
  if (found) return found
  const empty = { scaledCollateral: 0n, usedAsCollateral: false, scaledDebt: 0n, borrowing: false }
  account.positions.set(asset, empty)
  return empty
}

/** All scaled aTokens of a reserve. */
export function scaledSupplyOf(state: AaveState, { config, scaledSupply }: AaveReserve): bigint {
  if (scaledSupply !== undefined) return scaledSupply
  let sum = 0n
  for (const { positions } of state.accounts.values()) sum += positions.get(config.asset)?.scaledCollateral ?? 0n
  return sum
}

/** Gives an account scaled aTokens of a reserve, or takes them (negative). Moving them between accounts is two of these. */
export function addScaled(reserve: AaveReserve, position: AavePosition, scaled: bigint): void {
  position.scaledCollateral += scaled
  if (reserve.scaledSupply !== undefined) reserve.scaledSupply += scaled
}

/** The only asset for which a flag of an account is set, in the order of the reserves; `undefined` when none or several are. */
export function onlyAsset(
  state: AaveState,
  account: AaveAccount,
  flag: 'usedAsCollateral' | 'borrowing',
): string | undefined {
  const flagged = [...state.reserves.keys()].filter((asset) => account.positions.get(asset)?.[flag])
  return flagged.length === 1 ? flagged[0] : undefined
}

/** True when a flag of an account is set for any asset. */
export function anyAsset(account: AaveAccount, flag: 'usedAsCollateral' | 'borrowing'): boolean {
  for (const position of account.positions.values()) if (position[flag]) return true
  return false
}
