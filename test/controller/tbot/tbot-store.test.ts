import { beforeEach, describe, expect, it } from 'vitest';
import { createTbotStore, type TbotStore } from '../../../src/controller/tbot/tbot-store.ts';
import type { Answer } from '../../../src/kubernetes/client.ts';
import { RecordingClient } from '../recording-client.ts';

const NAME = 'tbot-injector-bot-a-0';
const DEPLOYMENT = `/apis/apps/v1/namespaces/tbot-system/deployments/${NAME}`;
const CONFIG_MAP = `/api/v1/namespaces/tbot-system/configmaps/${NAME}`;
const ABSENT: Answer = { kind: 'not-found' };

let client: RecordingClient;
let store: TbotStore;

beforeEach(() => {
  client = new RecordingClient();
  store = createTbotStore({ client, namespace: 'tbot-system', name: NAME, bot: 'a' });
});

function deployment(annotations?: Readonly<Record<string, string>>): object {
  return { metadata: { uid: 'u-1' }, spec: { template: annotations && { metadata: { annotations } } } };
}

function stored(objects: { deployment?: object; configMap?: object }): void {
  client.answer = ({ path }) => {
    const body = path === DEPLOYMENT ? objects.deployment : objects.configMap;
    return body === undefined ? ABSENT : { kind: 'ok', body };
  };
}

const OWNER = { apiVersion: 'apps/v1', kind: 'Deployment', name: NAME, uid: 'u-1' };

describe('the state of a tbot', () => {
  it('is read from its ConfigMap and its Deployment', async () => {
    stored({
      deployment: deployment({
        'tbot-injector.io/config-hash': 'abc',
        'tbot-injector.io/restarted-at': '2026-01-01T00:00:00.000Z',
      }),
      configMap: { data: { 'tbot.yaml': 'version: v2\n' } },
    });
    expect(await store.read()).toEqual({
      config: 'version: v2\n',
      hash: 'abc',
      restartedAt: Date.parse('2026-01-01T00:00:00Z'),
      owner: OWNER,
    });
    expect(client.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET ${DEPLOYMENT}`,
      `GET ${CONFIG_MAP}`,
    ]);
  });

  it('has no hash and no time of a restart where the chart has just created it', async () => {
    stored({ deployment: { metadata: { uid: 'u-1' }, spec: { template: {} } } });
    const never = { config: undefined, hash: undefined, restartedAt: undefined, owner: OWNER };
    expect(await store.read()).toEqual(never);
    stored({ deployment: deployment({ 'tbot-injector.io/restarted-at': 'soon' }) });
    expect(await store.read()).toEqual(never);
  });

  it.each([{}, { data: null }, { data: {} }])(
    'is an empty configuration for a ConfigMap %j',
    async (configMap) => {
      stored({ deployment: deployment({}), configMap });
      expect(await store.read()).toMatchObject({ config: '' });
    },
  );

  it('is undefined without a Deployment', async () => {
    stored({ configMap: { data: { 'tbot.yaml': 'x' } } });
    expect(await store.read()).toBeUndefined();
  });
});

describe('a tbot', () => {
  it('gets its configuration, which is deleted with its Deployment', async () => {
    await store.writeConfig('version: v2\n', OWNER);
    expect(client.calls).toEqual([
      {
        method: 'PATCH',
        path: CONFIG_MAP,
        patch: 'apply',
        options: undefined,
        body: {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: {
            name: NAME,
            namespace: 'tbot-system',
            labels: { 'app.kubernetes.io/managed-by': 'tbot-injector', 'tbot-injector.io/bot': 'a' },
            ownerReferences: [OWNER],
          },
          data: { 'tbot.yaml': 'version: v2\n' },
        },
      },
    ]);
  });

  it('is restarted by annotations of its pod template, and nothing else changes', async () => {
    await store.restart('abc', new Date('2026-01-01T00:00:00Z'));
    const annotations = {
      'tbot-injector.io/config-hash': 'abc',
      'tbot-injector.io/restarted-at': '2026-01-01T00:00:00.000Z',
    };
    expect(client.calls).toEqual([
      {
        method: 'PATCH',
        path: DEPLOYMENT,
        patch: 'merge',
        options: undefined,
        body: { spec: { template: { metadata: { annotations } } } },
      },
    ]);
  });

  it('that is gone meanwhile is an error', async () => {
    client.answer = () => ABSENT;
    const gone = { code: 'conflict', status: 404 };
    await expect(store.writeConfig('x', OWNER)).rejects.toMatchObject(gone);
    await expect(store.restart('abc', new Date())).rejects.toMatchObject(gone);
  });
});
