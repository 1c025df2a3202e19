import jsonpatch, { type Operation } from 'fast-json-patch';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { entries, field } from '../../src/config/raw.ts';
import { podPath } from '../../src/injection/workloads.ts';
import { loadGoldens, loadPlatform, type Golden } from '../golden/load.ts';
import type { ApiResponse } from './harness/api.ts';
import { startCluster, type Cluster } from './harness/cluster.ts';
import { startClusterWebhook, type ClusterWebhook } from './harness/webhook.ts';
import { installWebhookEntries } from './harness/webhook-entries.ts';
import { DISHONEST } from './policies/dishonest.ts';
import { goldenValues, installPolicies } from './policies/install.ts';
import { ensureNamespace } from './policies/namespaces.ts';
import { consumer, joiner, type Pod } from './policies/pods.ts';

const goldens = await loadGoldens();
const { namespaces } = await loadPlatform();
const NAMESPACE = 'platform';
const REFUSED = "ValidatingAdmissionPolicy 'tbot-injector-guard'";

describe.skipIf(inject('programs').kind === 'missing')('the guard', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster();
    for (const { name, labels } of namespaces.values()) await ensureNamespace(cluster, name, labels);
    await installPolicies(cluster, await goldenValues());
  });

  afterAll(() => cluster.stop());

  const create = (pod: object, namespace = NAMESPACE): Promise<ApiResponse> =>
    cluster.api('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, pod);

  /** The pod of a golden, or one that its workload would make. */
  function podOf({ object, name }: Golden, given: unknown = object): object {
    const path = podPath(field(object, 'apiVersion'), field(object, 'kind')) ?? [];
    const { metadata, spec } = path.reduce(field, given) as { metadata: object; spec: PodSpec };
    const claims = entries(field(field(object, 'spec'), 'volumeClaimTemplates')).map(([, claim]) => ({
      name: String(field(field(claim, 'metadata'), 'name')),
      emptyDir: {},
    }));
    return {
      metadata: { ...metadata, name },
      spec: { ...spec, volumes: [...(spec.volumes ?? []), ...claims] },
    };
  }

  describe('while there is no webhook', () => {
    it.each(goldens.filter(({ expected }) => expected.kind === 'inject'))(
      'lets the pod pass as it was injected: $name',
      async (golden) => {
        if (golden.expected.kind !== 'inject') return;
        const patch = structuredClone(golden.expected.patch) as unknown as Operation[];
        const patched: unknown = jsonpatch.applyPatch(structuredClone(golden.object), patch).newDocument;
        const { status, body } = await create(podOf(golden, patched), golden.namespace);
        expect(status, JSON.stringify(body)).toBe(201);
      },
    );

    it.each(goldens.filter(({ expected, name }) => expected.kind === 'skip' && name !== 'mirror-pod'))(
      'lets the pod pass that is left alone: $name',
      async (golden) => {
        const { status, body } = await create(podOf(golden), golden.namespace);
        expect(status, JSON.stringify(body)).toBe(201);
      },
    );

    it.each(
      goldens.filter(
        ({ expected, name }) => expected.kind !== 'skip' && ![...JUDGED_BEFORE, ...WHOLE].includes(name),
      ),
    )('refuses the pod as its author wrote it: $name', async (golden) => {
      const { status, body } = await create(podOf(golden), golden.namespace);
      expect(status, JSON.stringify(body)).toBe(422);
      expect(body).toHaveProperty('message', expect.stringContaining(REFUSED));
    });

    it.each(goldens.filter(({ name }) => WHOLE.includes(name)))(
      'lets the pod pass that its author made whole: $name',
      async (golden) => {
        expect((await create(podOf(golden), golden.namespace)).status).toBe(201);
      },
    );

    it.each(DISHONEST)('refuses a pod with $what', async ({ pod, told }) => {
      const { status, body } = await create(pod);
      expect(status, JSON.stringify(body)).toBe(422);
      expect(body).toHaveProperty('message', expect.stringContaining(REFUSED));
      expect(body).toHaveProperty('message', expect.stringContaining(told));
    });

    it.each(Object.entries(HONEST))('lets a pod pass with %s', async (_, pod) => {
      const { status, body } = await create(pod);
      expect(status, JSON.stringify(body)).toBe(201);
    });

    it('tells everything at once, and what to do', async () => {
      const pod = consumer();
      Object.assign(pod.spec, { initContainers: [], containers: [{ name: 'app', image: 'x' }], volumes: [] });
      pod.metadata.annotations['tbot-injector.io/join'] = 'app';
      expect((await create(pod)).body).toHaveProperty(
        'message',
        'pods "app" is forbidden: ' +
          "ValidatingAdmissionPolicy 'tbot-injector-guard' with binding 'tbot-injector-guard' denied request: " +
          'the pod is not as its tbot-injector.io/ annotations ask: ' +
          'volume tbot-output-identity-output is not there, or not what output "identity-output" gives; ' +
          'volume tbot-output-svid is not there, or not what output "svid" gives; ' +
          'volume join-sa-token is not a service account token for example.teleport.sh at join-sa-token; ' +
          'container app does not mount read-only join-sa-token at /var/run/secrets/tokens. ' +
          'The webhook did not inject it, or something has changed it since: ' +
          'create the pod again when the webhook answers, and leave these volumes and mounts to it',
      );
    });

    it('says the same of an output of another team as of one that there is none of', async () => {
      const messages = ['payments-db', 'no-such-db'].map(async (name) => {
        const pod = consumer();
        pod.metadata.annotations['tbot-injector.io/outputs'] = name;
        return JSON.stringify((await create(pod)).body).replaceAll(name, '<name>');
      });
      const [existing, other] = await Promise.all(messages);
      expect(existing).toBe(other);
    });

    it('shortens what gets too long for the API server', async () => {
      const pod = consumer();
      const many = Array.from({ length: 200 }, (_, index) => `nope-${index}`);
      pod.metadata.annotations['tbot-injector.io/outputs'] = many.join();
      const { body } = await create(pod);
      expect(body).toHaveProperty('message', expect.stringMatching(/"nope-20" gives.* \.\.\.\. The webhook/));
    });

    it.each([
      ['kube-system', 'kube-system'],
      ['a namespace that has not opted in', 'lab'],
    ])('leaves pods of %s alone', async (_, namespace) => {
      expect((await create(bare(consumer()), namespace)).status).toBe(201);
    });

    it('leaves mirror pods alone, which may have no Secrets', async () => {
      const pod = bare(consumer());
      pod.metadata.annotations['kubernetes.io/config.mirror'] = 'hash';
      expect((await create({ ...pod, spec: { ...pod.spec, nodeName: 'node-1' } })).status).toBe(201);
    });

    it('leaves pods alone that ask for nothing', async () => {
      const pod = bare(consumer());
      pod.metadata.annotations = { other: 'x' };
      expect((await create(pod)).status).toBe(201);
    });
  });

  describe('beside a webhook that may be ignored', () => {
    let webhook: ClusterWebhook;

    beforeAll(async () => {
      webhook = await startClusterWebhook(cluster, 'test/golden/config.yaml');
      const values = { webhook: { mutate: { failurePolicy: 'Ignore' } } };
      await installWebhookEntries(cluster, { ...webhook, values });
    });

    afterAll(() => webhook.end('SIGKILL'));

    it.each(goldens.filter(({ expected }) => expected.kind === 'inject'))(
      'lets the pod pass that it injects: $name',
      async (golden) => {
        const { status, body } = await create(podOf(golden), golden.namespace);
        expect(status, JSON.stringify(body)).toBe(201);
      },
    );

    it('turns its absence into a refusal', async () => {
      expect((await create(bare(consumer()))).status).toBe(201);
      await webhook.end('SIGKILL');
      const { status, body } = await create(bare(consumer()));
      expect(status).toBe(422);
      expect(body).toHaveProperty('message', expect.stringContaining(REFUSED));
      expect((await create(bare(consumer()), 'lab')).status).toBe(201);
    });
  });
});

/** The API server itself refuses these for their shape, before any policy sees them. */
const JUDGED_BEFORE: readonly string[] = [
  'annotation-not-a-string',
  'annotation-unknown',
  'containers-none',
  'mount-of-our-volume-by-sub-path',
  'pod-of-wrong-shape',
];

/** They lack the record at most. */
const WHOLE: readonly string[] = ['guide-volumes-there-already', 'volume-own-equal'];

interface PodSpec {
  readonly volumes?: readonly object[] | null;
}

/** As its author writes it. */
function bare(pod: Pod): Pod {
  const containers = [{ name: 'app', image: 'registry.example/app:1' }];
  return { ...pod, spec: { initContainers: [], containers, volumes: [] } };
}

function but(pod: Pod, change: (pod: Pod) => unknown): Pod {
  change(pod);
  return pod;
}

const HONEST: Readonly<Record<string, Pod>> = {
  'two outputs': consumer(),
  'a token to join with': joiner(),
  'chosen containers only': but(consumer(), ({ metadata, spec }) => {
    metadata.annotations['tbot-injector.io/containers'] = ' app ,sidecar';
    spec.initContainers = [{ name: 'init', image: 'registry.example/app:1' }];
  }),
  'its own path, written otherwise': but(consumer(), ({ metadata, spec }) => {
    metadata.annotations['tbot-injector.io/outputs'] = 'identity-output = //identity-output/./ ,\n svid';
    for (const { volumeMounts } of [...spec.initContainers, ...spec.containers])
      for (const mount of volumeMounts ?? []) mount.mountPath += '/';
  }),
  'mounts in another order, among its own': but(consumer(), ({ spec }) => {
    spec.volumes.reverse().unshift({ name: 'cache', emptyDir: {} });
    for (const { volumeMounts } of spec.containers)
      volumeMounts?.reverse().unshift({ name: 'cache', mountPath: '/cache' });
  }),
  'one more volume of such a name': but(consumer(), ({ spec }) => {
    spec.volumes.push({ name: 'tbot-output-legacy', emptyDir: {} });
    spec.containers[0]?.volumeMounts?.push({ name: 'tbot-output-legacy', mountPath: '/legacy' });
  }),
};
