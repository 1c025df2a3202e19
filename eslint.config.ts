import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  { ignores: ['dist', 'coverage', 'node_modules', '**/*.cjs', '**/*.mjs'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { project: 'tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
    },
  },
  { files: ['tools/**', 'examples/**', 'test/**'], rules: { 'no-console': 'off' } },
  {
    files: ['test/**/*.test.ts'],
    ignores: ['test/**/*.process.test.ts', 'test/cluster/**', 'test/chart/**', 'test/node/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^node:child_process$|/(webhook-process|harness/command|program)\\.ts$',
              message: 'A test that starts a process is called *.process.test.ts.',
            },
          ],
        },
      ],
    },
  },
);
