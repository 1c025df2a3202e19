import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

const GOLDENS = globSync('test/**/*.tbot.yaml').toSorted();

describe('tbot starts with', () => {
  it('goldens that are found', () => {
    expect(GOLDENS.length).toBeGreaterThanOrEqual(5);
  });

  it.each(GOLDENS)('%s', (file) => {
    const text = readFileSync(file, 'utf8');
    const { services } = readConfig(text);
    expect(services.length).toBe(text.match(/^ {2}- type: /gm)?.length ?? 0);
    for (const { keys } of services) expect(keys).not.toEqual([]);
  });
});
