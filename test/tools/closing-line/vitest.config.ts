import { defineConfig } from 'vitest/config';

import { ClosingLine } from '../../../tools/closing-line.ts';

const some = ['passing', 'broken', 'stray'].map((name) => `${name}.fixture.ts`);

export default defineConfig({
  test: {
    reporters: ['default', new ClosingLine()],
    projects: [
      { test: { name: 'some', include: some } },
      { test: { name: 'others', include: ['*.fixture.ts'], exclude: some } },
    ],
  },
});
