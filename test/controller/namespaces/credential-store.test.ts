import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  createCredentialStore,
  type CredentialStore,
} from '../../../src/controller/namespaces/credential-store.ts';
import { namesOfRelease } from '../../../src/controller/names.ts';
import { planActions, type Action } from '../../../src/credentials/actions.ts';
import { readBinding } from '../../../src/credentials/observed.ts';
import { KubernetesError } from '../../../src/kubernetes/error.ts';
import { arbitraryWorld } from '../../credentials/arbitrary-world.ts';
import { binding, destination, GRACE_MS, expectedBinding, NOW, secret } from '../../credentials/objects.ts';
import { RecordingClient } from '../recording-client.ts';

const AT = new Date('2026-01-01T12:00:00.000Z');
const SECRETS = '/api/v1/namespaces/team/secrets';
const BINDINGS = '/apis/rbac.authorization.k8s.io/v1/namespaces/team/rolebindings';
const METADATA_ONLY = { extent: 'metadata' };

let client: RecordingClient;
let store: CredentialStore;

beforeEach(() => {
  client = new RecordingClient();
  store = createCredentialStore({
    client,
    namespace: 'tbot-system',
    names: namesOfRelease('tbot-injector'),
    accountOf: (bot) => (bot === 'b' ? 'account-of-b' : `tbot-injector-bot-${bot}`),
  });
});

const perform = (action: Action): Promise<void> => store.perform(action, 'team', AT);

describe('a Secret', () => {
  const LABELS = {
    'app.kubernetes.io/managed-by': 'tbot-injector',
    'tbot-injector.io/bot': 'a',
    'tbot-injector.io/output': 'one',
  };

  it('is applied with its labels and its type, and comes back as metadata', async () => {
    await perform({ kind: 'apply-secret', destination: destination() });
    expect(client.calls).toEqual([
      {
        method: 'PATCH',
        path: `${SECRETS}/tbot-one`,
        patch: 'apply',
        options: METADATA_ONLY,
        body: {
          apiVersion: 'v1',
          kind: 'Secret',
          type: 'Opaque',
          metadata: { name: 'tbot-one', namespace: 'team', labels: LABELS },
        },
      },
    ]);
  });

  it('is marked as orphaned by an annotation with the time, and keeps its labels', async () => {
    await perform({ kind: 'mark-orphaned', of: 'secret', object: secret() });
    expect(client.calls).toMatchObject([
      {
        path: `${SECRETS}/tbot-one`,
        patch: 'apply',
        options: METADATA_ONLY,
        body: {
          metadata: {
            uid: 'secret-uid',
            labels: LABELS,
            annotations: { 'tbot-injector.io/orphaned-at': '2026-01-01T12:00:00.000Z' },
          },
        },
      },
    ]);
  });

  it('is marked as orphaned even if its label was removed', async () => {
    await perform({ kind: 'mark-orphaned', of: 'secret', object: secret({ output: undefined }) });
    expect(client.calls).toMatchObject([
      { body: { metadata: { labels: { 'tbot-injector.io/output': 'unknown' } } } },
    ]);
  });

  it('is deleted only if it is still the observed one', async () => {
    await perform({ kind: 'delete', of: 'secret', object: secret(), reason: 'revoked' });
    expect(client.calls).toEqual([
      {
        method: 'DELETE',
        path: `${SECRETS}/tbot-one`,
        preconditions: { uid: 'secret-uid', resourceVersion: '7' },
        options: METADATA_ONLY,
      },
    ]);
  });

  it('that is gone already counts as deleted', async () => {
    client.answer = () => ({ kind: 'not-found' });
    await perform({ kind: 'delete', of: 'secret', object: secret(), reason: 'grace-expired' });
  });

  it('in a namespace that is gone is an error', async () => {
    client.answer = () => ({ kind: 'not-found' });
    await expect(perform({ kind: 'apply-secret', destination: destination() })).rejects.toMatchObject({
      code: 'conflict',
      status: 404,
    });
  });
});

describe('a RoleBinding', () => {
  it.each([
    ['a', 'tbot-injector-bot-a'],
    ['b', 'account-of-b'],
  ])('of bot %s is applied for the account %s of the release', async (bot, account) => {
    await perform({ kind: 'apply-binding', bot });
    expect(client.calls).toEqual([
      {
        method: 'PATCH',
        path: `${BINDINGS}/tbot-injector-bot-${bot}`,
        patch: 'apply',
        options: METADATA_ONLY,
        body: {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'RoleBinding',
          metadata: {
            name: `tbot-injector-bot-${bot}`,
            namespace: 'team',
            labels: { 'app.kubernetes.io/managed-by': 'tbot-injector', 'tbot-injector.io/bot': bot },
          },
          roleRef: {
            apiGroup: 'rbac.authorization.k8s.io',
            kind: 'ClusterRole',
            name: `tbot-injector-bot-${bot}`,
          },
          subjects: [{ kind: 'ServiceAccount', name: account, namespace: 'tbot-system' }],
        },
      },
    ]);
  });

  it('that was applied has the expected content', async () => {
    await perform({ kind: 'apply-binding', bot: 'b' });
    const { metadata, ...content } = client.calls[0]?.body as { metadata: object };
    const read = readBinding({ ...content, metadata: { ...metadata, uid: 'u', resourceVersion: '1' } });
    expect(read).toMatchObject({ bot: 'b', content: store.expectedBinding('b') });
  });

  it('is marked as orphaned by an annotation with the time', async () => {
    await perform({ kind: 'mark-orphaned', of: 'binding', object: binding() });
    expect(client.calls).toMatchObject([
      {
        path: `${BINDINGS}/tbot-injector-bot-a`,
        patch: 'apply',
        body: {
          metadata: {
            uid: 'binding-uid',
            annotations: { 'tbot-injector.io/orphaned-at': '2026-01-01T12:00:00.000Z' },
          },
          roleRef: { name: 'tbot-injector-bot-a' },
        },
      },
    ]);
  });

  it('is deleted only if it is still the observed one', async () => {
    await perform({ kind: 'delete', of: 'binding', object: binding(), reason: 'replaced' });
    expect(client.calls).toMatchObject([
      {
        method: 'DELETE',
        path: `${BINDINGS}/tbot-injector-bot-a`,
        preconditions: { uid: 'binding-uid', resourceVersion: '8' },
      },
    ]);
  });
});

describe('every action', () => {
  const always = async (law: (action: Action) => Promise<void>): Promise<void> => {
    await fc.assert(
      fc.asyncProperty(arbitraryWorld, async ({ desired, observed }) => {
        client.calls.length = 0;
        for (const action of planActions(desired, observed, NOW, { graceMs: GRACE_MS, expectedBinding }))
          await law(action);
      }),
      { numRuns: 1000 },
    );
  };

  it('takes one call, for metadata, to its object', async () => {
    await always(async (action) => {
      client.calls.length = 0;
      await perform(action);
      expect(client.calls).toHaveLength(1);
      const [call] = client.calls;
      expect(call?.options).toEqual(METADATA_ONLY);
      expect(call?.path).toMatch(/^\/.+\/namespaces\/team\/(secrets|rolebindings)\/[a-z-]+$/);
    });
  });

  it('writes no data and no other metadata', async () => {
    await always(async (action) => {
      client.calls.length = 0;
      await perform(action);
      const body = client.calls[0]?.body as { kind: string; metadata: object } | undefined;
      if (body === undefined) return;
      const allowed =
        body.kind === 'Secret'
          ? ['apiVersion', 'kind', 'metadata', 'type']
          : ['apiVersion', 'kind', 'metadata', 'roleRef', 'subjects'];
      expect(Object.keys(body).toSorted()).toEqual(allowed);
      for (const field of Object.keys(body.metadata)) {
        expect(['name', 'namespace', 'uid', 'labels', 'annotations']).toContain(field);
      }
    });
  });

  it('rejects with the error of the API server', async () => {
    const refusal = new KubernetesError('forbidden', 'PATCH: 403', { status: 403 });
    client.answer = () => {
      throw refusal;
    };
    await expect(perform({ kind: 'apply-binding', bot: 'a' })).rejects.toBe(refusal);
    const deletion: Action = { kind: 'delete', of: 'secret', object: secret(), reason: 'revoked' };
    await expect(perform(deletion)).rejects.toBe(refusal);
  });
});
