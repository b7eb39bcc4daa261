/** Aave v3.6's own bytecode against our mechanism: `@aave-dao/aave-v3-origin` 3.6.0, compiled with its own settings. */
import { AAVE_V36_BOOK } from '../../mechanisms/aave/v3-book.ts'
import { aaveSuite } from './aave-suite.ts'

aaveSuite('v3.6', AAVE_V36_BOOK, 2_000, {
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
