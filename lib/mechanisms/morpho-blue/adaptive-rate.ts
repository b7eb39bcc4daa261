/**
 * Morpho's adaptive curve: the borrow rate of the live markets. A curve through the rate at 90 % utilisation (a quarter of it at 0 %, four times it
 * at 100 %), and that rate itself drifts by e^(50/year · error · time).
 *
 * - error: utilisation minus target, divided by the distance of the target from 0 or 1 on that side; wad, between −1 and 1.
 * - rate at target: wad per second; between 0.1 % and 200 % a year, 4 % at the first answer.
 * - the answer is the average since the last update by the trapezoidal rule with two steps.
 *
 * All integers are signed and every division rounds towards zero. Source: morpho-org/morpho-blue-irm, `src/adaptive-curve-irm/` (`AdaptiveCurveIrm`,
 * `ConstantsLib`, `ExpLib`, `MathLib`); compared with its compiled code on 20,000 random inputs, of which `adaptive-rate.test.ts` keeps some.
 */

const WAD = 10n ** 18n
const YEAR = 365n * 86_400n
const CURVE_STEEPNESS = 4n * WAD
const ADJUSTMENT_SPEED = (50n * WAD) / YEAR
const TARGET_UTILISATION = (9n * WAD) / 10n
const INITIAL_RATE_AT_TARGET = (4n * WAD) / 100n / YEAR
const MIN_RATE_AT_TARGET = WAD / 1_000n / YEAR
const MAX_RATE_AT_TARGET = (2n * WAD) / YEAR

/**
 * Average borrow rate over `elapsed` seconds at one utilisation (wad), wad per second, and the rate at target afterwards. A `rateAtTarget` of 0 means
 * that the curve was never asked before.
 */
export function adaptiveRate(
  rateAtTarget: bigint,
  utilisation: bigint,
  elapsed: bigint,
): { readonly rate: bigint; readonly rateAtTarget: bigint } {
  const room = utilisation > TARGET_UTILISATION ? WAD - TARGET_UTILISATION : TARGET_UTILISATION
  const error = ((utilisation - TARGET_UTILISATION) * WAD) / room
  if (rateAtTarget === 0n) return { rate: curve(INITIAL_RATE_AT_TARGET, error), rateAtTarget: INITIAL_RATE_AT_TARGET }
  const drift = ((ADJUSTMENT_SPEED * error) / WAD) * elapsed
  if (drift === 0n) return { rate: curve(rateAtTarget, error), rateAtTarget }
  const end = drifted(rateAtTarget, drift)
  const middle = drifted(rateAtTarget, drift / 2n)
  return { rate: curve((rateAtTarget + end + 2n * middle) / 4n, error), rateAtTarget: end }
}

/** ((1 − 1/4) · error + 1) · rate below the target, ((4 − 1) · error + 1) · rate above it. */
function curve(rateAtTarget: bigint, error: bigint): bigint {
  const slope = error < 0n ? WAD - (WAD * WAD) / CURVE_STEEPNESS : CURVE_STEEPNESS - WAD
  return (((slope * error) / WAD + WAD) * rateAtTarget) / WAD
}

function drifted(rateAtTarget: bigint, drift: bigint): bigint {
  const rate = (rateAtTarget * exponential(drift)) / WAD
  const capped = rate < MAX_RATE_AT_TARGET ? rate : MAX_RATE_AT_TARGET
  return capped > MIN_RATE_AT_TARGET ? capped : MIN_RATE_AT_TARGET
}

const LN_2 = 693_147_180_559_945_309n
/** Below ln(1e-18) the answer is 0. */
const EXP_LOWEST = -41_446_531_673_892_822_312n
/** From here on the answer stands still, so that its product with 1e18 fits into 256 bits. */
const EXP_HIGHEST = 93_859_467_695_000_404_319n
const EXP_MOST = 57_716_089_161_558_943_949_701_069_502_944_508_345_128_422_502_756_744_429_568n

/** e^x, wad: 2^q · (1 + r + r²/2) with x = q · ln 2 + r and |r| at most half of ln 2. */
function exponential(x: bigint): bigint {
  if (x < EXP_LOWEST) return 0n
  if (x >= EXP_HIGHEST) return EXP_MOST
  const q = (x + (x < 0n ? -(LN_2 / 2n) : LN_2 / 2n)) / LN_2
  const r = x - q * LN_2
  const power = WAD + r + (r * r) / WAD / 2n
  return q >= 0n ? power << q : power >> -q
}
