/** The library: every incident and benchmark, oldest first. */
import { breakwaterError } from '../../model/index.ts'
import { blackThursday } from './2020-03-12-black-thursday.ts'
import { daiSqueeze } from './2020-03-12-dai-squeeze.ts'
import { compoundDai } from './2020-11-26-compound-dai.ts'
import { venusXvs } from './2021-05-18-venus-xvs.ts'
import { crvAave } from './2022-11-22-crv-aave-v2.ts'
import { friendIndex } from './2023-08-22-friend-index.ts'
import { germanSale } from './2024-06-19-german-sale.ts'
import { adlWaves } from './2025-10-10-adl-waves.ts'
import { hyperliquidBurst } from './2025-10-10-hyperliquid-burst.ts'
import { usdeCollateral } from './2025-10-10-usde-collateral.ts'
import { xusdMorpho } from './2025-11-04-xusd-morpho.ts'
import { lednAbs } from './2026-02-05-ledn-abs.ts'
import { wstethCap } from './2026-03-10-wsteth-cap.ts'
import { spacexHip3 } from './2026-05-28-spacex-hip3.ts'
import { almgrenChriss } from './almgren-chriss-frontier.ts'
import { branchingRatio } from './branching-ratio.ts'
import { april2025, august2024, february2021, february2025, sellOff2025 } from './days-of-totals.ts'
import type { Incident } from './incident.ts'
import { loopGap } from './loop-gap.ts'

/** All of them. */
export const INCIDENTS: readonly Incident[] = [
  blackThursday,
  daiSqueeze,
  compoundDai,
  february2021,
  venusXvs,
  crvAave,
  friendIndex,
  germanSale,
  august2024,
  february2025,
  sellOff2025,
  april2025,
  adlWaves,
  hyperliquidBurst,
  usdeCollateral,
  xusdMorpho,
  lednAbs,
  wstethCap,
  spacexHip3,
  almgrenChriss,
  branchingRatio,
  loopGap,
]

/** One by its id, or by a part of it that names one alone. Refuses (`not-found`) all else. */
export function incidentOf(id: string): Incident {
  const exact = INCIDENTS.find((one) => one.id === id)
  const near = INCIDENTS.filter((one) => one.id.includes(id))
  const found = exact ?? (id !== '' && near.length === 1 ? near[0] : undefined)
  if (found) return found
  throw breakwaterError(
    'not-found',
    `there is no incident '${id}'`,
    { id },
    { fix: `Choose one of: ${(near.length > 0 && id !== '' ? near : INCIDENTS).map((one) => one.id).join(', ')}.` },
  )
}
