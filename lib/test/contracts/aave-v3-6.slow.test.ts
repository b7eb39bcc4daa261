/** Aave v3.6's own bytecode against our mechanism: `@aave-dao/aave-v3-origin` 3.6.0, compiled with its own settings. */
import { expect, it } from 'vitest'
import { compoundedBinomial } from '../../mechanisms/aave/legacy-interest.ts'
import { aaveV3Book } from '../../mechanisms/aave/v3-book.ts'
import { AAVE_V36, type AaveV3Rules } from '../../mechanisms/aave/v3-rules.ts'
import {
  percentDivFloor,
  percentMulCeil,
  percentMulFloor,
  rayDivCeil,
  rayDivFloor,
  rayMulCeil,
  rayMulFloor,
} from '../../mechanisms/aave/wad-ray.ts'
import { SEED } from '../seed.ts'
import { oursOf } from './aave-ours.ts'
import { runAave } from './aave-run.ts'
import { aaveSuite } from './aave-suite.ts'
import { describeOnChain } from './chain.ts'

aaveSuite('v3.6', aaveV3Book(AAVE_V36), 2_000, {
  words: [
    'HealthFactorNotBelowThreshold',
    'MustNotLeaveDust',
    'CollateralCannotBeLiquidated',
    'SpecifiedCurrencyNotBorrowedByUser',
    'SelfLiquidation',
    'InvalidAmount',
    '(empty)',
  ],
  kinds: ['in e-mode', 'bad debt'],
})

/** Every rounding of the rule book, turned round. */
const TURNED: readonly Partial<AaveV3Rules>[] = [
  { supplied: rayMulCeil },
  { owed: rayMulFloor },
  { minted: rayDivCeil },
  { burnt: rayDivFloor },
  { borrowed: rayDivFloor },
  { repaid: rayDivCeil },
  { withBonus: percentMulFloor },
  { withoutBonus: percentDivFloor },
  { fee: percentMulCeil },
  { needed: percentDivFloor },
  { compounded: (rate, seconds) => compoundedBinomial('v3.0', rate, seconds) },
]

describeOnChain('Aave v3.6 with one rounding turned round', () => {
  it.each(TURNED.map((turned) => [Object.keys(turned)[0] ?? '', turned] as const))(
    'is found out: %s',
    { timeout: 300_000 },
    async (_name, turned) => {
      const ours = oursOf(aaveV3Book({ ...AAVE_V36, ...turned }))
      const run = await runAave('v3.6', ours, { seed: SEED, liquidations: 600, differences: 1 })
      expect(run.differences.length).toBeGreaterThan(0)
    },
  )
})
