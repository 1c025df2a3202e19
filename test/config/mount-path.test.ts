import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, validateMountPath, normalizeMountPath } from '../../src/config/mount-path.ts';

const longest = `${'/'.repeat(1)}${Array<string>(16).fill('a'.repeat(255)).join('/')}`;
const ACCOUNT = 'a path that does not cover /var/run/secrets/kubernetes.io/serviceaccount';

describe('a mount path', () => {
  it.each([
    '/a',
    '/a/',
    '//a',
    '/a/./b',
    '/a b',
    '/a,b',
    '/.hidden',
    '/...',
    '/ü😀',
    '/process',
    '/devices',
    '/x/proc',
    '/var/run/secrets/tokens',
    '/var/run/secrets/kubernetes.io/serviceaccounts',
    '/run/secrets',
  ])('%s is valid', (path) => {
    expect(validateMountPath(path)).toBeUndefined();
  });

  it.each([
    ['', 'an absolute path, starting with "/"'],
    ['a', 'an absolute path, starting with "/"'],
    ['./a', 'an absolute path, starting with "/"'],
    ['\\a', 'an absolute path, starting with "/"'],
    [' /a', 'an absolute path, starting with "/"'],
    ['/', 'a folder below "/"'],
    ['//', 'a folder below "/"'],
    ['/./', 'a folder below "/"'],
    ['/..', 'a path without ".."'],
    ['/a/../b', 'a path without ".."'],
    ['/a/..', 'a path without ".."'],
    ['/a:b', 'a path without ":" and control characters'],
    ['/a\nb', 'a path without ":" and control characters'],
    ['/a\u0000', 'a path without ":" and control characters'],
    ['/a\u007f', 'a path without ":" and control characters'],
    ['/a /b', 'a path whose parts neither start nor end with a space'],
    ['/a/ b', 'a path whose parts neither start nor end with a space'],
    ['/proc', 'a path outside /proc, /sys, /dev'],
    ['/proc/', 'a path outside /proc, /sys, /dev'],
    ['//proc/self', 'a path outside /proc, /sys, /dev'],
    ['/./sys/x', 'a path outside /proc, /sys, /dev'],
    ['/dev/shm', 'a path outside /proc, /sys, /dev'],
    ['/var', ACCOUNT],
    ['/var/run/', ACCOUNT],
    ['/var//run/secrets', ACCOUNT],
    ['/var/run/secrets/kubernetes.io', ACCOUNT],
    ['/var/run/secrets/kubernetes.io/serviceaccount', ACCOUNT],
    ['/var/run/secrets/kubernetes.io/serviceaccount/x', ACCOUNT],
  ])('%j is invalid: expected %s', (path, expected) => {
    expect(validateMountPath(path)).toBe(expected);
  });

  it('has parts of at most 255 bytes', () => {
    expect(validateMountPath(`/${'a'.repeat(255)}`)).toBeUndefined();
    expect(validateMountPath(`/${'a'.repeat(256)}`)).toBe('a path whose parts have at most 255 bytes');
    expect(validateMountPath(`/${'ü'.repeat(127)}`)).toBeUndefined();
    expect(validateMountPath(`/${'ü'.repeat(128)}`)).toBe('a path whose parts have at most 255 bytes');
  });

  it('has at most 4,095 bytes', () => {
    const path = longest.slice(0, 4095);
    expect(Buffer.byteLength(path)).toBe(4095);
    expect(validateMountPath(path)).toBeUndefined();
    expect(validateMountPath(`${path.slice(0, -1)}/b`)).toBe('a path of at most 4095 bytes');
  });
});

it.each([
  ['/a', '/a'],
  ['/a/', '/a'],
  ['//a//b//', '/a/b'],
  ['/a/./b/.', '/a/b'],
  ['/', '/'],
])('%s is normalized to %s', (path, normal) => {
  expect(normalizeMountPath(path)).toBe(normal);
});

it.each([
  ['/a', '/a', true],
  ['/a', '/a/b', true],
  ['/a', '/ab', false],
  ['/a/b', '/a', false],
  ['/', '/a', true],
  ['/', '/', true],
])('%s contains %s: %s', (outer, inner, is) => {
  expect(contains(outer, inner)).toBe(is);
});

it('a valid path is valid after it is normalized, and normalizing again changes nothing', () => {
  const path = fc.string({ unit: fc.constantFrom('/', 'a', '.', ' ', ':', 'p', 'é'), maxLength: 15 });
  fc.assert(
    fc.property(path, (tail) => {
      const written = `/${tail}`;
      fc.pre(validateMountPath(written) === undefined);
      const normal = normalizeMountPath(written);
      expect(validateMountPath(normal)).toBeUndefined();
      expect(normalizeMountPath(normal)).toBe(normal);
    }),
    { numRuns: 1000, maxSkipsPerRun: 100 },
  );
});
