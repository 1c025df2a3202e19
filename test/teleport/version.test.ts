import { describe, expect, it } from 'vitest';
import { isAtLeast, OLDEST_TBOT, parseVersion } from '../../src/teleport/version.ts';

describe('a release of tbot', () => {
  it.each([
    ['18.8.1', [18, 8, 1]],
    ['0.0.0', [0, 0, 0]],
    ['19.0.0-rc.2', [19, 0, 0]],
    ['19.0.0-dev.a-b.1', [19, 0, 0]],
    ['999999.999999.999999', [999999, 999999, 999999]],
    [OLDEST_TBOT, [18, 1, 7]],
  ])('%s is parsed', (text, version) => {
    expect(parseVersion(text)).toEqual(version);
  });

  it.each([
    '',
    '18',
    '18.8',
    'v18.8.1',
    '18.8.1.2',
    '18.8.x',
    ' 18.8.1',
    '18.8.1 ',
    '18.8.1-',
    '1000000.0.0',
    '٣.1.1',
  ])('%j is invalid', (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });
});

describe('a release is at least', () => {
  it.each([
    ['18.8.1', '18.8.1', true],
    ['18.8.1', '18.8.2', false],
    ['18.8.2', '18.8.1', true],
    ['18.10.0', '18.9.9', true],
    ['18.9.9', '18.10.0', false],
    ['19.0.0', '18.99.99', true],
    ['9.99.99', '18.0.0', false],
    ['19.0.0-rc.1', '19.0.0', true],
    ['latest', '18.0.0', false],
    ['18.0.0', 'latest', false],
  ])('%s, %s: %s', (version, minimum, isNewer) => {
    expect(isAtLeast(version, minimum)).toBe(isNewer);
  });
});
