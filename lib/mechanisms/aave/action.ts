/** What may be done to an Aave market, what it did, and the rule book that every version fills in. */
import type { AssetAmount } from '../../model/index.ts'
import type { AaveAccount, AavePosition, AaveReserve, AaveState } from './state.ts'
import type { AaveAccountData, At } from './v3-account.ts'
import type { AaveDeficit, AaveLiquidationCall } from './v3-liquidate.ts'

/** What may be done. Amounts in asset atoms; 2^256 − 1 = all that there is. Whoever acts has the tokens and allowances it needs. */
export type AaveAction =
  | {
      readonly do: 'supply' | 'withdraw'
      readonly account: string
      readonly asset: string
      readonly amount: bigint
    }
  | {
      readonly do: 'borrow' | 'repay'
      readonly account: string
      readonly asset: string
      readonly amount: bigint
      readonly mode?: 'variable' | 'stable' | undefined
    }
  | {
      readonly do: 'set-collateral'
      readonly account: string
      readonly asset: string
      readonly enabled: boolean
    }
  | { readonly do: 'set-emode'; readonly account: string; readonly category: number }
  | ({ readonly do: 'liquidate' } & AaveLiquidationCall)

/** Anything but a liquidation. */
export type AaveUserAction = Exclude<AaveAction, { readonly do: 'liquidate' }>

/** What an action moved over the pool's border, asset atoms; its numbers by the contract's names; deficits it booked. */
export type AaveMoved = {
  readonly paid: readonly AssetAmount[]
  readonly received: readonly AssetAmount[]
  readonly moved?: Readonly<Record<string, bigint>> | undefined
  readonly deficits?: readonly AaveDeficit[] | undefined
}

/** One collateral and one debt of an account, and the cover that pays best, in the version's rules. `profit`: bonus less fee, base currency. */
export type AavePair = {
  readonly collateral: string
  readonly debt: string
  readonly cover: bigint
  readonly repaid: bigint
  readonly toLiquidator: bigint
  readonly profit: number
}

/** The rule book of a version. All functions revert where its contracts do; `act` and `liquidate` change the state in place. */
export type AaveBook<S extends AaveState = AaveState> = {
  readonly id: string
  /** Protocol and dollars per unit of base currency (`undefined`: not dollars) for facts. */
  readonly protocol: 'aave-v1' | 'aave-v2' | 'aave-v3'
  readonly baseUsd?: number | undefined
  /** What the oracle makes of an answer of zero or less. */
  readonly badPrice: (feed: string) => bigint
  readonly act: (state: S, action: AaveUserAction, at: At) => AaveMoved
  readonly liquidate: (state: S, call: AaveLiquidationCall, at: At) => AaveMoved
  readonly data: (state: S, account: AaveAccount, at: At) => AaveAccountData
  /** What a position holds and owes at a time, asset atoms, whatever its flags. */
  readonly balancesOf: (
    reserve: AaveReserve,
    position: AavePosition,
    time: bigint,
  ) => { readonly collateral: bigint; readonly debt: bigint }
  /** Whether a reserve counts as collateral at all. */
  readonly counts: (reserve: AaveReserve) => boolean
  /** The feed that prices a reserve for an account. */
  readonly feedOf: (state: S, account: AaveAccount, reserve: AaveReserve) => string
  readonly pairs: (state: S, account: AaveAccount, data: AaveAccountData, at: At) => readonly AavePair[]
}
