import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { startCluster, type Cluster } from './harness/cluster.ts';
import { wideAccount, type Account } from './policies/accounts.ts';
import { attempt, merge, post, type Attempt } from './policies/attempt.ts';
import { goldenValues, installPolicies, OPTED_IN } from './policies/install.ts';

const NAMESPACES = '/api/v1/namespaces';
const PLAIN = `${NAMESPACES}/plain`;
const GRANTED = `${NAMESPACES}/granted`;
const labels = (values: object): object => ({ metadata: { labels: values } });

// The goldens' platform grants by `team` (matchLabels) and `tier` (matchExpressions).
const GRANTS: readonly Attempt[] = [
  post('create a namespace with it', NAMESPACES, { metadata: { name: 'new', labels: { team: 'payments' } } }),
  merge('set it', PLAIN, labels({ team: 'payments' })),
  merge('set one of an expression', PLAIN, labels({ tier: 'platform' })),
  merge('set it to a value that grants nothing today', PLAIN, labels({ team: 'x' })),
  merge('set it to nothing', PLAIN, labels({ team: '' })),
  merge('change it', GRANTED, labels({ team: 'x' })),
  merge('remove it', GRANTED, labels({ team: null })),
  merge('remove all labels', GRANTED, labels({ team: null, other: null })),
  merge('set it among others', PLAIN, labels({ team: 'payments', other: 'x' })),
  merge('set it by way of the status', `${PLAIN}/status`, labels({ team: 'payments' })),
  {
    what: 'set it by way of finalizing',
    method: 'PUT',
    path: `${PLAIN}/finalize`,
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'plain', labels: { team: 'payments' } } },
  },
];

const FREE: readonly Attempt[] = [
  post('create a namespace', NAMESPACES, { metadata: { name: 'new', labels: OPTED_IN } }),
  merge('opt in', PLAIN, labels(OPTED_IN)),
  merge('opt out', GRANTED, labels({ 'tbot-injector.io/injection': null })),
  merge('set other labels', GRANTED, labels({ other: 'y', teams: 'payments' })),
  merge('annotate', GRANTED, { metadata: { annotations: { team: 'payments' } } }),
  merge('write the label as it is', GRANTED, labels({ team: 'payments' })),
  { what: 'delete a namespace', method: 'DELETE', path: GRANTED },
];

describe.skipIf(inject('programs').kind === 'missing')('labels that grant', () => {
  let cluster: Cluster;
  let owner: Account;
  let platform: Account;

  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.createNamespace('plain');
    await cluster.createNamespace('granted', { ...OPTED_IN, team: 'payments', other: 'x' });
    owner = await wideAccount(cluster, 'plain', 'owner');
    platform = await wideAccount(cluster, 'plain', 'platform', [
      { resources: ['grants'], verbs: ['assign'] },
    ]);
    await installPolicies(cluster, await goldenValues());
  });

  afterAll(async () => {
    owner.close();
    platform.close();
    await cluster.stop();
  });

  it.each(GRANTS)('an owner of namespaces may not $what', async (each) => {
    const { status, body } = await attempt(owner.api, each);
    expect(status, JSON.stringify(body)).toBe(403);
    expect(body).toHaveProperty('message', expect.stringContaining("'tbot-injector-grant-labels'"));
  });

  it('says which label, and what it takes', async () => {
    const { body } = await attempt(owner.api, merge('', PLAIN, labels({ tier: 'platform' })));
    expect(body).toHaveProperty(
      'message',
      expect.stringContaining(
        'label tier grants credentials of tbot-injector: it takes the right to "assign" grants.tbot-injector.io, ' +
          'which system:serviceaccount:plain:owner does not have. Ask your platform team',
      ),
    );
  });

  it.each(FREE)('an owner of namespaces may $what', async (each) => {
    const { status, body } = await attempt(owner.api, each);
    expect([200, 201], JSON.stringify(body)).toContain(status);
  });

  it.each(GRANTS)('an account that may assign may $what', async (each) => {
    const { status, body } = await attempt(platform.api, each);
    expect([200, 201], JSON.stringify(body)).toContain(status);
  });

  it.each(GRANTS)('an administrator may $what', async (each) => {
    const { status, body } = await attempt(cluster.api, each);
    expect([200, 201], JSON.stringify(body)).toContain(status);
  });

  it('a SubjectAccessReview tells who may assign', async () => {
    const may = async (name: string): Promise<unknown> => {
      const spec = {
        user: `system:serviceaccount:plain:${name}`,
        resourceAttributes: { group: 'tbot-injector.io', resource: 'grants', verb: 'assign' },
      };
      const { body } = await cluster.api('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
        spec,
      });
      return body;
    };
    expect(await may('platform')).toMatchObject({ status: { allowed: true } });
    expect(await may('owner')).toMatchObject({ status: { allowed: false } });
  });
});
