/** Where the reference data lies, when it is there: tests that need it are skipped elsewhere. */
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** Recordings of real markets. */
export const SHARED_DATA = resolve(root, '../shared/data')
/** Recorded truth: inputs and the results they must give. */
export const SHARED_REFERENCE = resolve(root, '../shared/reference')
