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
import { lednAbs } from './2026-02-05-ledn-abs.ts'
import { wstethCap } from './2026-03-10-wsteth-cap.ts'
import { spacexHip3 } from './2026-05-28-spacex-hip3.ts'
import { almgrenChriss } from './almgren-chriss-frontier.ts'
import type { Incident } from './incident.ts'

/** All of them. */
export const INCIDENTS: readonly Incident[] = [
  blackThursday,
  daiSqueeze,
  compoundDai,
  venusXvs,
  crvAave,
  friendIndex,
  germanSale,
  adlWaves,
  lednAbs,
  wstethCap,
  spacexHip3,
  almgrenChriss,
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
