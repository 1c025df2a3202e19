import { defineConfig } from 'vitest/config';

import { ClosingLine } from './tools/closing-line.ts';

/** These start processes of their own: the program, vitest, npm, a shell. */
const onProcesses = ['test/**/*.process.test.ts'];
/** These need programs that Go builds: a kube-apiserver, etcd, kubectl, helm. */
const onPrograms = ['test/cluster/**/*.test.ts', 'test/chart/**/*.test.ts'];

/** These start a whole node, as root. */
const onNode = ['test/node/**/*.test.ts'];

const PURE_ROOMS = [
  'problems',
  'teleport',
  'config',
  'annotations',
  'grants',
  'injection',
  'credentials',
  'restarts',
];

export default defineConfig({
  test: {
    reporters: ['default', new ClosingLine()],
    pool: 'forks',
    maxWorkers: 2,
    // Properties run a thousand times, and CI machines are slow at times.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...onProcesses, ...onPrograms, ...onNode],
          setupFiles: 'test/property-time.ts',
          // To import the modules again for every file would take longer than most of the tests.
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: 'process', include: onProcesses, exclude: [...onPrograms, ...onNode] },
      },
      {
        extends: true,
        test: {
          name: 'cluster',
          include: onPrograms,
          globalSetup: 'test/cluster/global-setup.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'node',
          include: onNode,
          globalSetup: 'test/node/global-setup.ts',
          // After all others, one file at a time: a node takes both cores.
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: [['text', { skipFull: true }], 'html'],
      thresholds: { [`src/{${PURE_ROOMS.join()}}/**/*.ts`]: { branches: 100 } },
    },
  },
});
