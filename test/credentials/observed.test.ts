import { describe, expect, it } from 'vitest';
import { printBinding, readBinding, readSecretMetadata } from '../../src/credentials/observed.ts';

const OUR_LABELS = {
  'app.kubernetes.io/managed-by': 'tbot-injector',
  'tbot-injector.io/bot': 'payments',
  'tbot-injector.io/output': 'payments-db',
};

/** The entry in managedFields after the controller has created the Secret. */
const CREATED = {
  manager: 'tbot-injector',
  operation: 'Apply',
  time: '2026-01-01T10:00:00Z',
  fieldsV1: { 'f:metadata': { 'f:labels': { 'f:tbot-injector.io/bot': {} } }, 'f:type': {} },
};

/** The entry after tbot has written the Secret. */
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
  it('everything is read from its metadata', () => {
    expect(read({ managedFields: [CREATED, WRITTEN] })).toEqual({
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
    'nothing is read where it is %j',
    (object) => {
      expect(readSecretMetadata(object)).toBeUndefined();
      expect(readBinding(object)).toBeUndefined();
    },
  );

  it.each(['name', 'namespace', 'uid', 'resourceVersion'])('nothing is read without %s', (field) => {
    expect(read({ [field]: undefined })).toBeUndefined();
  });

  it('an invalid creation time counts as the oldest', () => {
    expect(read({ creationTimestamp: undefined })).toMatchObject({ createdAt: 0 });
    expect(read({ creationTimestamp: 'soon' })).toMatchObject({ createdAt: 0 });
  });

  it('a deletion is noticed', () => {
    expect(read({ deletionTimestamp: '2026-01-01T12:00:00Z' })).toMatchObject({ isDeleting: true });
  });
});

describe('a Secret belongs to a bot', () => {
  it.each<[string, object | null | undefined, string | undefined]>([
    ['by our labels', OUR_LABELS, 'payments'],
    ['with any name', { ...OUR_LABELS, 'tbot-injector.io/bot': 'constructor' }, 'constructor'],
    [
      'not without the managed-by label',
      { 'tbot-injector.io/bot': 'payments', 'tbot-injector.io/output': 'one' },
      undefined,
    ],
    ['not with another manager', { ...OUR_LABELS, 'app.kubernetes.io/managed-by': 'Helm' }, undefined],
    ['not by its manager alone', { 'app.kubernetes.io/managed-by': 'tbot-injector' }, undefined],
    ['not without labels', undefined, undefined],
    ['not with labels of null', null, undefined],
  ])('%s', (_, labels, bot) => {
    expect(read({ labels })?.bot).toBe(bot);
  });
});

describe('a Secret was created by the controller', () => {
  const tenant = { ...CREATED, manager: 'kubectl-create', operation: 'Update' };
  it.each<[string, unknown, boolean]>([
    ['when the controller alone owns its type', [CREATED], true],
    ['when tbot applies the type too', [CREATED, WRITTEN], true],
    [
      'when another writer has labelled it',
      [CREATED, { manager: 'kubectl-label', fieldsV1: { 'f:metadata': {} } }],
      true,
    ],
    ['not when another writer set the type', [tenant], false],
    ['not when the controller labelled the Secret of another writer', [tenant, CREATED], false],
    ['not when tbot alone owns the type', [WRITTEN], false],
    ['not when the controller owns labels only', [{ ...CREATED, fieldsV1: { 'f:metadata': {} } }], false],
    ['not when an owner has no name', [CREATED, { fieldsV1: { 'f:type': {} } }], false],
    ['not without managedFields', undefined, false],
    ['not when managedFields were cleared', [], false],
    ['not when managedFields were cleared to null', null, false],
    ['not by an entry without fields', [{ manager: 'tbot-injector' }], false],
  ])('%s', (_, managedFields, isMadeByUs) => {
    expect(read({ managedFields })?.isMadeByUs).toBe(isMadeByUs);
  });
});

describe('the immutable field', () => {
  it.each(['kubectl-patch', 'tbot-injector', 'tbot'])('is noticed when %s has set it', (manager) => {
    const entry = { manager, operation: 'Update', fieldsV1: { 'f:immutable': {} } };
    expect(read({ managedFields: [CREATED, entry] })?.hasImmutableField).toBe(true);
    expect(read({ managedFields: [CREATED] })?.hasImmutableField).toBe(false);
  });
});

describe('keys of a Secret', () => {
  const byUpdate = (manager: string | undefined) => ({ ...WRITTEN, manager, operation: 'Update' });
  it.each<[string, readonly object[], readonly string[]]>([
    ['of tbot are not foreign', [WRITTEN], []],
    [
      'of other writers are foreign',
      [byUpdate('kubectl-edit'), WRITTEN, byUpdate('helm')],
      ['kubectl-edit', 'helm'],
    ],
    [
      'of the controller are foreign as well',
      [{ ...CREATED, fieldsV1: { 'f:data': {} } }],
      ['tbot-injector'],
    ],
    ['of a manager without a name are foreign too', [byUpdate(undefined)], ['']],
    ['of a manager tbot that did not apply are foreign', [byUpdate('tbot')], ['tbot']],
  ])('%s', (_, managedFields, foreignManagers) => {
    expect(read({ managedFields })?.foreignManagers).toEqual(foreignManagers);
  });
});

describe('tbot has written a Secret', () => {
  const at = (time: string | undefined) => ({ ...WRITTEN, time });
  it.each<[string, readonly object[], string | undefined]>([
    [
      'at the latest of its times',
      [at('2026-01-01T11:00:00Z'), at('2026-01-01T11:20:00Z')],
      '2026-01-01T11:20:00Z',
    ],
    ['never, where it owns no key', [{ ...WRITTEN, fieldsV1: { 'f:type': {} } }], undefined],
    ['never, where another writer has', [{ ...WRITTEN, manager: 'kubectl' }], undefined],
    ['never, at an invalid time', [at('soon'), at(undefined)], undefined],
    ['never, without managedFields', [], undefined],
  ])('%s', (_, managedFields, time) => {
    expect(read({ managedFields })?.writtenAt).toBe(time === undefined ? undefined : Date.parse(time));
  });
});

describe('an object was orphaned', () => {
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

  it('is read with what it binds', () => {
    const read = readBinding({ metadata: METADATA, roleRef, subjects: [subject] });
    expect(read).toMatchObject({ bot: 'payments', content: printBinding(roleRef, [subject]) });
    expect(read?.content).toBe('ClusterRole reader to ServiceAccount tbot-system/tbot');
  });

  it.each<[string, object]>([
    ['another role', { roleRef: { ...roleRef, name: 'writer' }, subjects: [subject] }],
    ['a Role of the same name', { roleRef: { ...roleRef, kind: 'Role' }, subjects: [subject] }],
    ['another service account', { roleRef, subjects: [{ ...subject, name: 'other' }] }],
    ['a service account of another namespace', { roleRef, subjects: [{ ...subject, namespace: 'team' }] }],
    ['a user of the same name', { roleRef, subjects: [{ kind: 'User', name: 'tbot-system/tbot' }] }],
    ['one more subject', { roleRef, subjects: [subject, { ...subject, name: 'other' }] }],
    ['the same subject twice', { roleRef, subjects: [subject, subject] }],
    ['no subjects', { roleRef, subjects: [] }],
    ['subjects of null', { roleRef, subjects: null }],
    ['neither role nor subjects', {}],
    ['a role and a subject without names', { roleRef: {}, subjects: [{}] }],
  ])('with %s binds something else', (_, content) => {
    const read = readBinding({ metadata: METADATA, ...content });
    expect(read?.content).not.toBe(printBinding(roleRef, [subject]));
  });
});
