/** Workloads that ask for restarts, and one of each kind that does not. */
export type Plural = 'deployments' | 'statefulsets' | 'daemonsets';
export const WORKLOADS: readonly Plural[] = ['deployments', 'statefulsets', 'daemonsets'];

const ASKS = 'app';
export const NAMES = [ASKS, 'mute'];

export function workloads(namespace: string, plural: Plural): string {
  return `/apis/apps/v1/namespaces/${namespace}/${plural}`;
}

/** The path of the one that asks, or of another. */
export function asked(namespace: string, plural: Plural, name = ASKS): string {
  return `${workloads(namespace, plural)}/${name}`;
}

export function workload(name: string, plural: Plural): object {
  const labels = { app: name };
  const annotations = name === ASKS ? { 'tbot-injector.io/restart-every': '20h' } : {};
  return {
    metadata: { name, labels, annotations },
    spec: {
      selector: { matchLabels: labels },
      ...(plural === 'statefulsets' && { serviceName: name }),
      template: {
        metadata: { labels, annotations: { kept: 'x' } },
        spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
      },
    },
  };
}

export function restart(time: string | null = '2026-11-21T12:00:00Z'): {
  readonly spec: { readonly template: object };
} {
  return { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': time } } } } };
}
