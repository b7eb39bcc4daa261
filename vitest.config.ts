import { defineConfig } from 'vitest/config'

// Three projects: `fast` is part of `npm run verify`; `slow` starts stores, servers and child processes;
// `e2e` drives a real browser. `npm test` runs all of them.
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
          exclude: ['**/node_modules/**', '**/dist/**', 'lib/test/e2e/**'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          pool: 'forks',
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'e2e',
          sequence: { groupOrder: 2 },
          include: ['lib/test/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
