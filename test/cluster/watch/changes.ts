import type { Cluster } from '../harness/cluster.ts';
import { eventually } from '../harness/eventually.ts';
import type { Cache } from './trial.ts';

interface Namespace {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
}

const PATH = '/api/v1/namespaces';

/** Two namespaces to be changed later. */
export async function createNamespaces(cluster: Cluster, name: string): Promise<void> {
  await cluster.createNamespace(`${name}-kept`, { phase: 'before' });
  await cluster.createNamespace(`${name}-gone`);
}

/** One change of each kind: a namespace is created, gets another label, is deleted. Tried until the API server has done it. */
export async function changeNamespaces({ api }: Cluster, name: string): Promise<void> {
  const labels = { phase: 'during' };
  const step = (
    what: string,
    method: string,
    path: string,
    expected: number[],
    body?: object,
    type?: string,
  ) =>
    eventually(
      `${name}: ${what}`,
      async () => expected.includes((await api(method, path, body, type)).status) || undefined,
      { seconds: 120 },
    );
  const merge = 'application/merge-patch+json';
  await step('created', 'POST', PATH, [201, 409], { metadata: { name: `${name}-new`, labels } });
  await step('labelled', 'PATCH', `${PATH}/${name}-kept`, [200], { metadata: { labels } }, merge);
  const gone = `${PATH}/${name}-gone`;
  await step('deleted', 'DELETE', gone, [200, 404, 409]);
  // The last step of a deletion is a controller's, and there is none here.
  const finalized = { metadata: { name: `${name}-gone` }, spec: { finalizers: [] } };
  await step('finalized', 'PUT', `${gone}/finalize`, [200, 404], finalized);
}

export function isChanged(cache: Cache, name: string): boolean {
  return (
    cache.get(`${name}-new`)?.labels['phase'] === 'during' &&
    cache.get(`${name}-kept`)?.labels['phase'] === 'during' &&
    cache.get(`${name}-gone`) === undefined
  );
}

/** Names of the namespaces that the cache does not hold as the cluster does. */
export async function differences({ api }: Cluster, cache: Cache): Promise<readonly string[]> {
  const { items } = (await api('GET', PATH)).body as { items: readonly Namespace[] };
  return items
    .filter(({ metadata: { name, labels = {} } }) => {
      const held = Object.entries(cache.get(name)?.labels ?? {});
      return held.length !== Object.keys(labels).length || held.some(([key, value]) => labels[key] !== value);
    })
    .map(({ metadata }) => metadata.name);
}
