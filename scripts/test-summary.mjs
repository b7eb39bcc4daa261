// Prints the closing line of a test run from vitest's own JSON result: `N passed, N failed, N skipped`.
import { readFileSync } from 'node:fs'

const result = JSON.parse(readFileSync(process.argv[2], 'utf8'))
// A file that could not even be loaded carries no test of its own: it counts as one failure.
const brokenFiles = result.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
const failed = result.numFailedTests + brokenFiles.length
const skipped = result.numPendingTests + result.numTodoTests
console.log(`${result.numPassedTests} passed, ${failed} failed, ${skipped} skipped`)
process.exitCode = failed > 0 || result.numPassedTests === 0 ? 1 : 0
