/** Aave v2's own bytecode against our mechanism: `@aave/protocol-v2` 1.0.1, with stable-rate debt. */
import { AAVE_V2_BOOK } from '../../mechanisms/aave/legacy-book.ts'
import { aaveSuite } from './aave-suite.ts'

// 42 healthy, 43 no collateral of the account, 44 not borrowed, 23 an inner failure, 1 zero, 11 too much debt, 6 health after.
aaveSuite('v2', AAVE_V2_BOOK, 1_000, { words: ['42', '43', '44', '23', '1', '11', '6'], kinds: ['stable-rate debt'] })
