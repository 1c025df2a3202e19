import { describe, expect, it } from 'vitest';
import { bundlePatch, readEntries } from '../../src/certificates/ca-bundle.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('webhook entries', () => {
  it('are read with their names and bundles', () => {
    const webhooks = [
      { name: 'a', clientConfig: { caBundle: base64('PEM') } },
      { name: 'b', clientConfig: {} },
      { name: 'c', clientConfig: { caBundle: '' } },
    ];
    expect(readEntries({ webhooks })).toEqual([
      { name: 'a', bundle: 'PEM' },
      { name: 'b', bundle: undefined },
      { name: 'c', bundle: '' },
    ]);
  });

  it.each([
    undefined,
    {},
    { webhooks: null },
    { webhooks: [null] },
    { webhooks: [{ name: 1, clientConfig: null }] },
  ])('of the form %j do no harm', (configuration) => {
    for (const entry of readEntries(configuration)) expect(entry).toEqual({ name: '', bundle: undefined });
  });
});

describe('publishing', () => {
  const entries = [
    { name: 'a', bundle: 'old' },
    { name: 'b', bundle: 'new' },
    { name: 'c', bundle: undefined },
  ];

  it('adds the bundle where it is missing, and holds for what was read only', () => {
    expect(bundlePatch(entries, '42', 'new')).toEqual([
      { op: 'test', path: '/metadata/resourceVersion', value: '42' },
      { op: 'test', path: '/webhooks/0/name', value: 'a' },
      { op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: base64('new') },
      { op: 'test', path: '/webhooks/2/name', value: 'c' },
      { op: 'add', path: '/webhooks/2/clientConfig/caBundle', value: base64('new') },
    ]);
  });

  it('has nothing to do where every entry has it', () => {
    expect(bundlePatch([{ name: 'b', bundle: 'new' }], '42', 'new')).toBeUndefined();
    expect(bundlePatch([], '42', 'new')).toBeUndefined();
  });
});
