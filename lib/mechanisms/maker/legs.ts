/** Legs of Maker's facts: DAI in rad, collateral in wad. */
import type { Leg } from '../../model/index.ts'
import { DAI, RAD_DECIMALS } from './vat.ts'

/** A leg of DAI: rad, 45 decimals. */
export function radLeg(rad: bigint): Leg {
  return { asset: DAI, atoms: rad, decimals: RAD_DECIMALS }
}

/** A leg of collateral: wad. */
export function wadLeg(asset: string, wad: bigint): Leg {
  return { asset, atoms: wad, decimals: 18 }
}
