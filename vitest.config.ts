import { defineConfig } from 'vitest/config'

// unit: pure code and code against loopback servers it starts itself, in seconds, no engine.
// contract and flow: real Zeebe engine, real Redis, real AWS SDK; the parts are started once for all of them.
// chaos: the same, with faults; docs/chaos.md says what it shows.
const withParts = { globalSetup: ['test/parts.ts'], testTimeout: 120_000, hookTimeout: 120_000 }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{contract,flow,chaos}/**'],
          // No test waits that long: a machine that is busy with other things must not fail one.
          testTimeout: 60_000,
        },
      },
      { test: { name: 'contract', include: ['test/contract/**/*.test.ts'], ...withParts } },
      { test: { name: 'flow', include: ['test/flow/**/*.test.ts'], ...withParts, fileParallelism: false } },
      {
        test: {
          name: 'chaos',
          include: ['test/chaos/**/*.test.ts'],
          ...withParts,
          testTimeout: 300_000,
          // After all others: what they measure would suffer. Some files at a time: most of them wait, most of the time.
          sequence: { groupOrder: 1 },
          maxWorkers: 3,
        },
      },
    ],
  },
})
