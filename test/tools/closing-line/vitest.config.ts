import { defineConfig } from 'vitest/config';

import { ClosingLine } from '../../../tools/closing-line.ts';

export default defineConfig({
  test: { include: ['*.fixture.ts'], reporters: ['default', new ClosingLine()] },
});
