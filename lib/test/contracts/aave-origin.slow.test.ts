/** Aave v3.3, v3.4, v3.5 and v3.7 against our mechanisms, where `BREAKWATER_AAVE` names a folder of their checkouts. v3.6 has its own test. */
import { describe } from 'vitest'
import { AAVE_V33_BOOK, AAVE_V34_BOOK, AAVE_V35_BOOK, AAVE_V37_BOOK } from '../../mechanisms/aave/v3-book.ts'
import { ORIGIN_FOLDER } from './aave-origin-market.ts'
import { aaveSuite } from './aave-suite.ts'

const BOOKS = [
  ['v3.3', AAVE_V33_BOOK, ['45', '46', '47', '103', '35', '36']],
  ['v3.4', AAVE_V34_BOOK, ['HealthFactorNotBelowThreshold', 'MustNotLeaveDust', 'SelfLiquidation']],
  ['v3.5', AAVE_V35_BOOK, ['HealthFactorNotBelowThreshold', 'MustNotLeaveDust', 'SelfLiquidation']],
  ['v3.7', AAVE_V37_BOOK, ['HealthFactorNotBelowThreshold', 'MustNotLeaveDust', 'SelfLiquidation']],
] as const

const REASON = ORIGIN_FOLDER === '' ? ' (skipped: BREAKWATER_AAVE names no folder of aave-v3-origin)' : ''

describe.skipIf(REASON !== '')(`Aave from v3.3 on${REASON}`, () => {
  for (const [version, book, words] of BOOKS)
    aaveSuite(version, book, 1_000, { words, kinds: ['in e-mode', 'bad debt'] })
})
