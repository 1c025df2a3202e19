import { describe, expect, it } from 'vitest';
import { printBinding, readBinding, readSecretMetadata } from '../../src/credentials/observed.ts';

const OUR_LABELS = {
  'app.kubernetes.io/managed-by': 'tbot-injector',
  'tbot-injector.io/bot': 'payments',
  'tbot-injector.io/output': 'payments-db',
};

/** As the API server has it when the controller has made it, and nobody else has touched it. */
const MADE = {
  manager: 'tbot-injector',
  operation: 'Apply',
  time: '2026-01-01T10:00:00Z',
  fieldsV1: { 'f:metadata': { 'f:labels': { 'f:tbot-injector.io/bot': {} } }, 'f:type': {} },
};

/** And when tbot has written it. */
const WRITTEN = {
  manager: 'tbot',
  operation: 'Apply',
  time: '2026-01-01T11:00:00Z',
  fieldsV1: { 'f:data': { 'f:identity': {} }, 'f:type': {} },
};

const METADATA = {
  name: 'tbot-payments-db',
  namespace: 'payments',
  uid: 'u-1',
  resourceVersion: '42',
  creationTimestamp: '2026-01-01T10:00:00Z',
  labels: OUR_LABELS,
};

function read(metadata: object) {
  return readSecretMetadata({ kind: 'PartialObjectMetadata', metadata: { ...METADATA, ...metadata } });
}

describe('of a Secret', () => {
  it('everything is known by its metadata', () => {
    expect(read({ managedFields: [MADE, WRITTEN] })).toEqual({
      name: 'tbot-payments-db',
      namespace: 'payments',
      uid: 'u-1',
      resourceVersion: '42',
      createdAt: Date.parse('2026-01-01T10:00:00Z'),
      isDeleting: false,
      bot: 'payments',
      orphanedAt: undefined,
      output: 'payments-db',
      isMadeByUs: true,
      hasImmutableField: false,
      foreignManagers: [],
      writtenAt: Date.parse('2026-01-01T11:00:00Z'),
    });
  });

  it.each([undefined, null, 7, 'a', {}, { metadata: null }, { metadata: {} }])(
    'nothing is known where it is %j',
    (object) => {
      expect(readSecretMetadata(object)).toBeUndefined();
      expect(readBinding(object)).toBeUndefined();
    },
  );

  it.each(['name', 'namespace', 'uid', 'resourceVersion'])('without %s nothing is known', (field) => {
    expect(read({ [field]: undefined })).toBeUndefined();
  });

  it('a creation that is no time counts as the oldest', () => {
    expect(read({ creationTimestamp: undefined })).toMatchObject({ createdAt: 0 });
    expect(read({ creationTimestamp: 'soon' })).toMatchObject({ createdAt: 0 });
  });

  it('a deletion shows', () => {
    expect(read({ deletionTimestamp: '2026-01-01T12:00:00Z' })).toMatchObject({ isDeleting: true });
  });
});

describe('a Secret belongs to a bot', () => {
  it.each<[string, object | null | undefined, string | undefined]>([
    ['by our labels', OUR_LABELS, 'payments'],
    ['of any name', { ...OUR_LABELS, 'tbot-injector.io/bot': 'constructor' }, 'constructor'],
    [
      'not by half of them',
      { 'tbot-injector.io/bot': 'payments', 'tbot-injector.io/output': 'one' },
      undefined,
    ],
    ['not with another manager', { ...OUR_LABELS, 'app.kubernetes.io/managed-by': 'Helm' }, undefined],
    ['not by its manager alone', { 'app.kubernetes.io/managed-by': 'tbot-injector' }, undefined],
    ['not without labels', undefined, undefined],
    ['not with none', null, undefined],
  ])('%s', (_, labels, bot) => {
    expect(read({ labels })?.bot).toBe(bot);
  });
});

describe('a Secret is made by us', () => {
  const tenant = { ...MADE, manager: 'kubectl-create', operation: 'Update' };
  it.each<[string, unknown, boolean]>([
    ['when we alone own its type', [MADE], true],
    ['when tbot says the type again', [MADE, WRITTEN], true],
    [
      'when somebody has labelled it',
      [MADE, { manager: 'kubectl-label', fieldsV1: { 'f:metadata': {} } }],
      true,
    ],
    ['not when somebody else gave the type', [tenant], false],
    ['not when we put labels on what somebody else had made', [tenant, MADE], false],
    ['not when tbot alone owns the type', [WRITTEN], false],
    ['not when we own labels only', [{ ...MADE, fieldsV1: { 'f:metadata': {} } }], false],
    ['not when an owner has no name', [MADE, { fieldsV1: { 'f:type': {} } }], false],
    ['not when nobody knows', undefined, false],
    ['not when that was wiped', [], false],
    ['not when that was wiped, in another way', null, false],
    ['not by an entry without fields', [{ manager: 'tbot-injector' }], false],
  ])('%s', (_, managedFields, isMadeByUs) => {
    expect(read({ managedFields })?.isMadeByUs).toBe(isMadeByUs);
  });
});

describe('a word on being immutable', () => {
  it.each(['kubectl-patch', 'tbot-injector', 'tbot'])('is noticed, by %s as well', (manager) => {
    const word = { manager, operation: 'Update', fieldsV1: { 'f:immutable': {} } };
    expect(read({ managedFields: [MADE, word] })?.hasImmutableField).toBe(true);
    expect(read({ managedFields: [MADE] })?.hasImmutableField).toBe(false);
  });
});

describe('keys of a Secret', () => {
  const byTenant = (manager: string | undefined) => ({ ...WRITTEN, manager, operation: 'Update' });
  it.each<[string, readonly object[], readonly string[]]>([
    ['of tbot are foreign to nobody', [WRITTEN], []],
    ['of others are theirs', [byTenant('kubectl-edit'), WRITTEN, byTenant('helm')], ['kubectl-edit', 'helm']],
    ['of the controller are foreign as well', [{ ...MADE, fieldsV1: { 'f:data': {} } }], ['tbot-injector']],
    ['of who has no name too', [byTenant(undefined)], ['']],
    ['of tbot by any other way than its own are in its way', [byTenant('tbot')], ['tbot']],
  ])('%s', (_, managedFields, foreignManagers) => {
    expect(read({ managedFields })?.foreignManagers).toEqual(foreignManagers);
  });
});

describe('tbot has written a Secret', () => {
  const at = (time: string | undefined) => ({ ...WRITTEN, time });
  it.each<[string, readonly object[], string | undefined]>([
    [
      'at the last of its times',
      [at('2026-01-01T11:00:00Z'), at('2026-01-01T11:20:00Z')],
      '2026-01-01T11:20:00Z',
    ],
    ['never, where it owns no key', [{ ...WRITTEN, fieldsV1: { 'f:type': {} } }], undefined],
    ['never, where others have', [{ ...WRITTEN, manager: 'kubectl' }], undefined],
    ['never, at a time that is none', [at('soon'), at(undefined)], undefined],
    ['never, where nothing is known', [], undefined],
  ])('%s', (_, managedFields, time) => {
    expect(read({ managedFields })?.writtenAt).toBe(time === undefined ? undefined : Date.parse(time));
  });
});

describe('an object was released', () => {
  it.each<[string | undefined, number | undefined]>([
    ['2026-01-01T11:00:00Z', Date.parse('2026-01-01T11:00:00Z')],
    ['2026-01-01T11:00:00.123Z', Date.parse('2026-01-01T11:00:00.123Z')],
    ['', undefined],
    ['soon', undefined],
    [undefined, undefined],
  ])('at %j', (text, time) => {
    const annotations = text === undefined ? undefined : { 'tbot-injector.io/orphaned-at': text };
    expect(read({ annotations })?.orphanedAt).toBe(time);
    expect(readBinding({ metadata: { ...METADATA, annotations } })?.orphanedAt).toBe(time);
  });

  it('never, where annotations are null', () => {
    expect(read({ annotations: null })?.orphanedAt).toBeUndefined();
  });
});

describe('a RoleBinding', () => {
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' };
  const subject = { kind: 'ServiceAccount', namespace: 'tbot-system', name: 'tbot' };

  it('tells what it binds to whom', () => {
    const read = readBinding({ metadata: METADATA, roleRef, subjects: [subject] });
    expect(read).toMatchObject({ bot: 'payments', content: printBinding(roleRef, [subject]) });
    expect(read?.content).toBe('ClusterRole reader to ServiceAccount tbot-system/tbot');
  });

  it.each<[string, object]>([
    ['another role', { roleRef: { ...roleRef, name: 'writer' }, subjects: [subject] }],
    ['a Role of that name', { roleRef: { ...roleRef, kind: 'Role' }, subjects: [subject] }],
    ['another account', { roleRef, subjects: [{ ...subject, name: 'other' }] }],
    ['an account elsewhere', { roleRef, subjects: [{ ...subject, namespace: 'team' }] }],
    ['a user of that name', { roleRef, subjects: [{ kind: 'User', name: 'tbot-system/tbot' }] }],
    ['one more', { roleRef, subjects: [subject, { ...subject, name: 'other' }] }],
    ['the same twice', { roleRef, subjects: [subject, subject] }],
    ['nobody', { roleRef, subjects: [] }],
    ['null', { roleRef, subjects: null }],
    ['nothing at all', {}],
    ['who has no name', { roleRef: {}, subjects: [{}] }],
  ])('with %s grants something else', (_, content) => {
    const read = readBinding({ metadata: METADATA, ...content });
    expect(read?.content).not.toBe(printBinding(roleRef, [subject]));
  });
});
