import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const read = (name: string): string => readFileSync(join(import.meta.dirname, '../..', name), 'utf8');

describe('the commands that are written down', () => {
  it('for everything are those that CI runs', () => {
    expect(read('README.md')).toContain('\n    npm ci && npm run check\n');
    expect(read('.ci/run')).toContain('\n(npm ci && npm run check) ');
  });

  it.each(['README.md', 'CONTRIBUTING.md', 'Dockerfile'])('in %s are scripts of package.json', (name) => {
    const named = Array.from(
      read(name).matchAll(/\bnpm (?:run ([\w:]+)|(start|test)\b)/g),
      (found) => found[1] ?? found[2],
    );
    expect(named).not.toEqual([]);
    expect(Object.keys(packageJson.scripts)).toEqual(expect.arrayContaining(named));
  });
});
