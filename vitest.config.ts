import { defineConfig } from 'vitest/config'
import { FileOrder } from './test/file-order.ts'

// unit: pure code and code against loopback servers it starts itself, in seconds, no engine.
// deploy: what deploys Quarry, without a cluster.
// contract and flow: real Zeebe engine, real Redis, real AWS SDK; the parts are started once for all of them.
// chaos: the same, with faults; docs/chaos.md says what it shows.
// browser: the dashboard, and the element template in a modeler, in a real Chromium, over the same parts.
const withParts = { globalSetup: ['test/parts.ts'], testTimeout: 120_000, hookTimeout: 120_000 }

export default defineConfig({
  test: {
    // More than there are cores: most files wait, most of the time.
    maxWorkers: 3,
    sequence: { sequencer: FileOrder },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{contract,flow,chaos,deploy,browser}/**'],
          // No test waits that long: a machine that is busy with other things must not fail one.
          testTimeout: 60_000,
          // They share what they import, which takes longer to load than most of them take to run.
          isolate: false,
        },
      },
      // Checks of k8s/ by tools that the first run fetches.
      {
        test: {
          name: 'deploy',
          include: ['test/deploy/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      // One file after another, beside nothing else: some of their jobs must be called within seconds.
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          ...withParts,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      // Each file has a job type and a Redis prefix of its own: some at once.
      {
        test: {
          name: 'flow',
          include: ['test/flow/**/*.test.ts'],
          ...withParts,
          maxWorkers: 4,
          isolate: false,
          sequence: { groupOrder: 2 },
        },
      },
      // After all others, whose times would suffer.
      {
        test: {
          name: 'chaos',
          include: ['test/chaos/**/*.test.ts'],
          ...withParts,
          testTimeout: 300_000,
          isolate: false,
          sequence: { groupOrder: 3 },
        },
      },
      // One file after another, beside nothing else: they measure how soon a page shows what happens.
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          ...withParts,
          maxWorkers: 1,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
})
