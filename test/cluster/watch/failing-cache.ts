import type { KubernetesClient } from '../../../src/kubernetes/client.ts';
import type { WatchReport } from '../../../src/kubernetes/watch-handlers.ts';
import type { NamespaceMetadata } from '../../../src/kubernetes/namespaces.ts';
import { Reflector } from '../../../src/kubernetes/reflector.ts';
import type { Cache } from './trial.ts';

/** A cache that fails once for every namespace with the label value `during`, at its first event. */
export function openFailingCache(
  client: KubernetesClient,
  onReport: (report: WatchReport) => void,
  how: 'throws' | 'rejects',
): Cache {
  let held = new Map<string, NamespaceMetadata>();
  const failed = new Set<string>();
  const fails = ({ name, labels }: NamespaceMetadata): boolean => {
    if (labels['phase'] !== 'during' || failed.has(name)) return false;
    failed.add(name);
    return true;
  };
  const watch = new Reflector<NamespaceMetadata>({
    client,
    path: '/api/v1/namespaces',
    read: (object) => {
      const { metadata } = object as { metadata: { name: string; labels?: Record<string, string> } };
      return { name: metadata.name, labels: metadata.labels ?? {} };
    },
    onReport,
    onChange: (change): unknown => {
      if (change.kind === 'replaced') held = new Map(change.items.map((item) => [item.name, item]));
      else if (change.kind === 'deleted') held.delete(change.item.name);
      else if (!fails(change.item)) held.set(change.item.name, change.item);
      else if (how === 'throws') throw new Error('not now');
      else return Promise.reject(new Error('not now'));
      return undefined;
    },
  });
  return {
    get: (name) => held.get(name),
    whenSynced: watch.whenSynced,
    get lastContact() {
      return watch.lastContact;
    },
    get restarts() {
      return watch.restarts;
    },
    stop: () => watch.stop(),
  };
}
