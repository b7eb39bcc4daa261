import { execFileSync } from 'node:child_process'

/**
 * What the random tests draw from: `BREAKWATER_SEED`, else the tree of the last commit. So one commit is one run, wherever and as often as it is
 * tested, and every commit draws another. Outside a checkout it is the clock.
 */
export const SEED = process.env['BREAKWATER_SEED'] ?? treeOfCommit() ?? String(Date.now())

function treeOfCommit(): string | undefined {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD^{tree}'], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return undefined
  }
}
