import { describe, expect, it } from 'vitest';
import { INJECTION_LABEL } from '../../src/config/opt-in.ts';
import { loadGoldens, loadPlatform } from '../golden/load.ts';
import { run } from './fixture.ts';

const { namespaces } = await loadPlatform();
const goldens = await loadGoldens();

/** The labels of a golden's namespace as a flag; offline, one that does not opt in has to say so. */
function labelsOf(namespace: string): string {
  const labels = { [INJECTION_LABEL]: '', ...namespaces.get(namespace)?.labels };
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** The messages without the names of file and object. */
function messages(stderr: string): string[] {
  return stderr
    .split('\n')
    .filter(Boolean)
    .map((line) => line.replace(/^-: \w+ \S+: (refused|warning): /, ''));
}

describe('inject decides as the webhook does', () => {
  it.each(goldens)('$name', async ({ text, namespace, expected }) => {
    const flags = ['--config', 'test/golden/config.yaml', '--namespace-labels', labelsOf(namespace)];
    const { code, stdout, stderr } = await run(['inject', '-f', '-', '-o', 'patch', ...flags], text);
    switch (expected.kind) {
      case 'refuse':
        expect([code, stdout]).toEqual([1, '']);
        expect(messages(stderr)).toEqual(expected.problems);
        break;
      case 'inject':
        expect(code).toBe(0);
        expect(JSON.parse(stdout)).toEqual(expected.patch);
        expect(messages(stderr)).toEqual(expected.warnings);
        break;
      case 'skip':
        expect([code, JSON.parse(stdout)]).toEqual([0, []]);
        expect(messages(stderr)).toEqual(expected.warnings);
        break;
    }
  });

  it.each(goldens.filter(({ expected }) => expected.kind === 'inject'))(
    'and prints YAML that needs no second injection: $name',
    async ({ text, namespace }) => {
      const flags = ['--config', 'test/golden/config.yaml', '--namespace-labels', labelsOf(namespace)];
      const once = await run(['inject', '-f', '-', '-o', 'yaml', ...flags], text);
      const twice = await run(['inject', '-f', '-', '-o', 'yaml', ...flags], once.stdout);
      expect(twice.stdout).toBe(once.stdout);
    },
  );
});
