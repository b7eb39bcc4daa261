import { execFileSync } from 'node:child_process'

/**
 * What the random tests draw from: `BREAKWATER_SEED`, else the tree of the last commit. So one commit is one run, wherever and as often as it is
 * tested, and every commit draws another. Outside a checkout it is always the same.
 */
export const SEED = process.env['BREAKWATER_SEED'] ?? treeOfCommit() ?? 'no checkout'

function treeOfCommit(): string | undefined {
  try {
    // A checkout of another owner is read as well: nothing of it is run.
    return execFileSync('git', ['-c', 'safe.directory=*', 'rev-parse', '--short=12', 'HEAD^{tree}'], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return undefined
  }
}
