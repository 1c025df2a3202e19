import { defineConfig } from 'vitest/config';

import { ClosingLine } from './tools/closing-line.ts';

const onPrograms = ['test/cluster/**/*.test.ts', 'test/chart/**/*.test.ts'];

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
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: onPrograms },
      },
      {
        extends: true,
        test: {
          name: 'cluster',
          include: onPrograms,
          globalSetup: 'test/cluster/global-setup.ts',
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: [
        'problems',
        'teleport',
        'config',
        'annotations',
        'grants',
        'injection',
        'credentials',
        'restarts',
      ].map((room) => `src/${room}/**/*.ts`),
      thresholds: { branches: 100 },
    },
  },
});
