import jsonpatch, { type Operation } from 'fast-json-patch';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { field } from '../../src/config/raw.ts';
import { loadGoldens, loadPlatform, type Golden } from '../golden/load.ts';
import type { ApiResponse } from './harness/api.ts';
import { startCluster, type Cluster } from './harness/cluster.ts';
import { eventually } from './harness/eventually.ts';
import { startClusterWebhook, type ClusterWebhook } from './harness/webhook.ts';
import { installWebhookEntries } from './harness/webhook-entries.ts';

const goldens = await loadGoldens();
const { namespaces } = await loadPlatform();

const COLLECTIONS: Readonly<Record<string, string>> = {
  Pod: 'pods',
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  ReplicaSet: 'replicasets',
  Job: 'jobs',
  CronJob: 'cronjobs',
};

describe.skipIf(inject('programs').kind === 'missing')('the API server', () => {
  let cluster: Cluster;
  let webhook: ClusterWebhook;

  beforeAll(async () => {
    cluster = await startCluster();
    webhook = await startClusterWebhook(cluster, 'test/golden/config.yaml');
    for (const { name, labels } of namespaces.values()) await ensureNamespace(name, labels);
    await installWebhookEntries(cluster, webhook);
  });

  afterAll(async () => {
    await webhook.end('SIGKILL');
    await cluster.stop();
  });

  /** The API server makes default and kube-system itself, some time after it is ready. */
  async function ensureNamespace(name: string, labels: Readonly<Record<string, string>>): Promise<void> {
    const path = `/api/v1/namespaces/${name}`;
    const builtIn = name === 'default' || name === 'kube-system';
    if (!builtIn) await cluster.createNamespace(name, labels);
    else {
      await eventually(`namespace ${name} is there`, async () => {
        const { status } = await cluster.api(
          'PATCH',
          path,
          { metadata: { labels } },
          'application/merge-patch+json',
        );
        return status === 200 ? true : undefined;
      });
      await cluster.api('POST', `${path}/serviceaccounts`, { metadata: { name: 'default' } });
    }
    await cluster.api('POST', `${path}/serviceaccounts`, { metadata: { name: 'tbot' } });
  }

  /** A dry run, but for the Secrets: admission is that of a real creation. */
  function create({ object, namespace }: Golden): Promise<ApiResponse> {
    const apiVersion = String(field(object, 'apiVersion'));
    const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
    const collection = COLLECTIONS[String(field(object, 'kind'))] ?? '';
    return cluster.api('POST', `${root}/namespaces/${namespace}/${collection}?dryRun=All`, object);
  }

  const isPod = ({ object }: Golden): boolean => field(object, 'kind') === 'Pod';
  const injected = goldens.filter(({ expected }) => expected.kind === 'inject');
  const refused = goldens.filter((golden) => golden.expected.kind === 'refuse' && isPod(golden));

  it.each(injected.filter(isPod))('accepts the pod as it was injected: $name', async (golden) => {
    const { status, body, warnings } = await create(golden);
    expect(status, JSON.stringify(body)).toBe(201);
    if (golden.expected.kind !== 'inject') return;
    const patch = structuredClone(golden.expected.patch) as unknown as Operation[];
    const expected = jsonpatch.applyPatch(structuredClone(golden.object), patch).newDocument;
    expect(missing(expected, body).filter((path) => !path.includes(UNKNOWN_FIELD))).toEqual([]);
    expect(warnings).toEqual(expect.arrayContaining([...golden.expected.warnings]));
  });

  it.each(injected.filter((golden) => !isPod(golden)))(
    'accepts the workload, and shows warnings about its pods: $name',
    async (golden) => {
      const { status, warnings } = await create(golden);
      expect([status, warnings]).toEqual([
        201,
        golden.expected.kind === 'inject' ? golden.expected.warnings : [],
      ]);
    },
  );

  it.each(refused.filter(({ name }) => !REFUSED_BEFORE_US.includes(name)))(
    'hands the refusal on: $name',
    async (golden) => {
      const { status, body } = await create(golden);
      expect(status, JSON.stringify(body)).toBe(422);
      if (golden.expected.kind !== 'refuse') return;
      for (const problem of golden.expected.problems)
        expect(body).toHaveProperty('message', expect.stringContaining(problem));
    },
  );
});

/** The API server itself refuses these, for their shape, before any webhook is called. */
const REFUSED_BEFORE_US: readonly string[] = ['annotation-not-a-string', 'pod-of-wrong-shape'];

/** In no schema, so this API server drops it; one of a later release may not. */
const UNKNOWN_FIELD = 'OfTomorrow';

/**
 * What `expected` has and `actual` has not, each with its path. Lists are compared by what they hold: the API
 * server puts the service account's volume and its mounts before ours.
 */
function missing(expected: unknown, actual: unknown, at = ''): string[] {
  if (expected === null || expected === undefined) return [];
  if (Array.isArray(expected)) {
    const items: unknown[] = Array.isArray(actual) ? actual : [];
    const near = (item: unknown): unknown =>
      items.find((each) => field(each, 'name') === field(item, 'name'));
    return expected.flatMap((item: unknown, index) => {
      return items.some((each) => missing(item, each).length === 0)
        ? []
        : missing(item, near(item), `${at}/${index}`);
    });
  }
  if (typeof expected !== 'object') return Object.is(expected, actual) ? [] : [at];
  return Object.entries(expected).flatMap(([key, value]) =>
    missing(value, field(actual, key), `${at}/${key}`),
  );
}
