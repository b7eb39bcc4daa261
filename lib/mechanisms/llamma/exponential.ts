/**
 * Square root, exponential and logarithm of 18-decimal integers as LLAMMA's contracts compute them: `isqrt`, and the rational approximations of
 * exp and ln by Remco Bloemen (2022, "exp-ln", MIT) with the divisions of Curve's AMM (towards zero) and of its Controller (arithmetic shifts).
 */
import { revert } from '../solidity.ts'

/** How a revert without data is named: Vyper's arithmetic and its `assert` without a sentence, where Solidity would panic. */
export const NO_DATA = '(empty)'

/** 1 in the contracts' scale. */
export const WAD = 10n ** 18n
const Q96 = 1n << 96n
/** ln 2 in units of 2^-96. */
const LN2_Q96 = 54_916_777_467_707_473_351_141_471_128n
/** Below, e^x is less than half a unit; at or above the upper bound it leaves the range. */
const EXP_LOW = -41_446_531_673_892_821_376n
/** Where snekmate's begins to be nothing. */
const EXP_ZERO = -41_446_531_673_892_822_313n
const EXP_HIGH = 135_305_999_368_893_231_589n

/** Above, one step of Newton's is not enough for the root. */
const LONG = 1n << 200n

/** `floor(√value)` of a value ≥ 0. */
export function sqrtFloor(value: bigint): bigint {
  if (value < 4_503_599_627_370_496n) return BigInt(Math.floor(Math.sqrt(Number(value))))
  let root = BigInt(Math.floor(Math.sqrt(Number(value))))
  // The float root has 53 good bits; each step of Newton's doubles them, and the last unit is mended below.
  root = (root + value / root) >> 1n
  if (value >= LONG) {
    root = (root + value / root) >> 1n
    root = (root + value / root) >> 1n
  }
  while (root * root > value) root -= 1n
  while ((root + 1n) * (root + 1n) <= value) root += 1n
  return root
}

/**
 * e^(power / 1e18) · 1e18, rounded as the AMM rounds. Its divisions towards zero leave powers below −0.35 further from the approximation's centre than
 * meant, which costs up to 5e-12 of the result (measured). Reverts outside of its range.
 */
export function expWad(power: bigint): bigint {
  if (power <= EXP_LOW || power >= EXP_HIGH) return revert(NO_DATA, 'the exponential is out of range')
  return exponential(power, (value) => value / Q96)
}

/**
 * e^(power / 1e18) · 1e18 with arithmetic shifts, as snekmate's `_wad_exp` and with it the aggregate policy rounds: good to the last unit or so. 0 far
 * below, reverts above its range.
 */
export function expFloor(power: bigint): bigint {
  if (power <= EXP_ZERO) return 0n
  if (power >= EXP_HIGH) return revert(NO_DATA, 'the exponential is out of range')
  return exponential(power, (value) => value >> 96n)
}

function exponential(power: bigint, shrink: (value: bigint) => bigint): bigint {
  const x0 = (power * Q96) / WAD
  const k = shrink((x0 * Q96) / LN2_Q96 + (1n << 95n))
  const x = x0 - k * LN2_Q96
  const y = shrink((x + 1_346_386_616_545_796_478_920_950_773_328n) * x) + 57_155_421_227_552_351_082_224_309_758_442n
  const p0 = y + x - 94_201_549_194_550_492_254_356_042_504_812n
  const p1 = shrink(p0 * y) + 28_719_021_644_029_726_153_956_944_680_412_240n
  const p = p1 * x + 4_385_272_521_454_847_904_659_076_985_693_276n * Q96
  let q = x - 2_855_989_394_907_223_263_936_484_059_900n
  for (const coefficient of EXP_DENOMINATOR) q = shrink(q * x) + coefficient
  return ((p / q) * 3_822_833_074_963_236_453_042_738_258_902_158_003_155_416_615_667n) >> (195n - k)
}

const EXP_DENOMINATOR = [
  50_020_603_652_535_783_019_961_831_881_945n,
  -533_845_033_583_426_703_283_633_433_725_380n,
  3_604_857_256_930_695_427_073_651_918_091_429n,
  -14_423_608_567_350_463_180_887_372_962_807_573n,
  26_449_188_498_355_588_339_934_803_723_976_023n,
] as const

/** ln(value / 1e18) · 1e18, rounded as the Controller rounds. Reverts at zero. */
export function lnWad(value: bigint): bigint {
  if (value <= 0n) return revert(NO_DATA, 'the logarithm of zero')
  const log2 = BigInt(value.toString(2).length - 1)
  const k = log2 - 96n
  const x = (value << (255n - log2)) >> 159n
  let p = (((x + 3_273_285_459_638_523_848_632_254_066_296n) * x) >> 96n) + 24_828_157_081_833_163_892_658_089_445_524n
  for (const coefficient of LN_NUMERATOR) p = ((p * x) >> 96n) + coefficient
  p = p * x - (795_164_235_651_350_426_258_249_787_498n << 96n)
  let q = x + 5_573_035_233_440_673_466_300_451_813_936n
  for (const coefficient of LN_DENOMINATOR) q = ((q * x) >> 96n) + coefficient
  return (
    ((p / q) * 1_677_202_110_996_718_588_342_820_967_067_443_963_516_166n +
      k * 16_597_577_552_685_614_221_487_285_958_193_947_469_193_820_559_219_878_177_908_093_499_208_371n +
      600_920_179_829_731_861_736_702_779_321_621_459_595_472_258_049_074_101_567_377_883_020_018_308n) >>
    174n
  )
}

const LN_NUMERATOR = [
  43_456_485_725_739_037_958_740_375_743_393n,
  -11_111_509_109_440_967_052_023_855_526_967n,
  -45_023_709_667_254_063_763_336_534_515_857n,
  -14_706_773_417_378_608_786_704_636_184_526n,
] as const
const LN_DENOMINATOR = [
  71_694_874_799_317_883_764_090_561_454_958n,
  283_447_036_172_924_575_727_196_451_306_956n,
  401_686_690_394_027_663_651_624_208_769_553n,
  204_048_457_590_392_012_362_485_061_816_622n,
  31_853_899_698_501_571_402_653_359_427_138n,
  909_429_971_244_387_300_277_376_558_375n,
] as const

/** ln(value / 1e18) · 1e18 by the 59 halvings of the semi-log policy (`ln_int`), which are coarser than {@link lnWad}. Reverts at zero. */
export function lnHalving(value: bigint): bigint {
  if (value <= 0n) return revert(NO_DATA, 'the logarithm of zero')
  let x = value < WAD ? WAD ** 2n / value : value
  let log2 = 0n
  for (let exponent = 128n; exponent > 0n; exponent /= 2n)
    if (x >= WAD << exponent) {
      x >>= exponent
      log2 += exponent * WAD
    }
  let digit = WAD
  for (let i = 0; i < 59; i++) {
    if (x >= 2n * WAD) {
      log2 += digit
      x /= 2n
    }
    x = (x * x) / WAD
    digit /= 2n
  }
  const result = (log2 * WAD) / 1_442_695_040_888_963_328n
  return value >= WAD ? result : -result
}
