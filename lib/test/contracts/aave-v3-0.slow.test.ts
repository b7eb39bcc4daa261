/** Aave v3.0's own bytecode against our mechanism: `@aave/core-v3` 1.19.3, with stable-rate debt. */
import { AAVE_V30_BOOK } from '../../mechanisms/aave/legacy-book.ts'
import { aaveSuite } from './aave-suite.ts'

// 45 healthy, 46 no collateral of the account, 47 not borrowed, 26 zero, 35 health after, 36 too much debt.
aaveSuite('v3.0', AAVE_V30_BOOK, 1_000, {
  words: ['45', '46', '47', '26', '35', '36', '(empty)'],
  kinds: ['stable-rate debt', 'in e-mode'],
})
