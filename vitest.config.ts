import { defineConfig } from 'vitest/config'

// `fast` is part of `npm run verify`; `slow` starts stores, servers and child processes; `timed` keeps connections alive in real time and
// therefore has the machine to itself; `e2e` drives a real browser. `npm test` runs all of them, one group after the other.
const TIMED = ['lib/test/venue-server.slow.test.ts', 'lib/api/stream/*.slow.test.ts', 'lib/feed/live.slow.test.ts']

export default defineConfig({
  test: {
    pool: 'forks',
    reporters: ['default', ['json', { outputFile: 'node_modules/.cache/breakwater/test-results.json' }]],
    projects: [
      {
        test: {
          name: 'fast',
          sequence: { groupOrder: 0 },
          include: ['lib/**/*.test.ts', 'web/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', '**/*.slow.test.ts', 'lib/test/e2e/**'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'slow',
          sequence: { groupOrder: 1 },
          include: ['lib/**/*.slow.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', 'lib/test/e2e/**', ...TIMED],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          pool: 'forks',
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'timed',
          sequence: { groupOrder: 2 },
          include: TIMED,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          sequence: { groupOrder: 3 },
          include: ['lib/test/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
