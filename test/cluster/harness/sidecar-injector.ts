import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Cluster } from './cluster.ts';
import { createAuthority, createLeaf } from './credentials.ts';
import { untilWebhooksAreCurrent } from './webhook-marker.ts';

interface Review {
  readonly request: {
    readonly uid: string;
    readonly object: { readonly spec: { readonly containers: { readonly name: string }[] } };
  };
}

/** The webhook of another product: appends a container of this name to every pod of labelled namespaces, as a mesh does. */
export async function startSidecarInjector(
  cluster: Cluster,
  sidecar: string,
): Promise<{ stop(): Promise<void> }> {
  const authority = await createAuthority('sidecar-ca');
  const { certificate, key } = await createLeaf(authority, {
    commonName: 'sidecar',
    addresses: ['127.0.0.1'],
  });
  const server = createServer({ cert: certificate, key, keepAliveTimeout: 120_000 }, (request, response) => {
    void json(request).then((body) => {
      const { uid, object } = (body as Review).request;
      const there = object.spec.containers.some(({ name }) => name === sidecar);
      const value = { name: sidecar, image: 'registry.example/mesh:1' };
      const patch = there ? [] : [{ op: 'add', path: '/spec/containers/-', value }];
      const answer = { uid, allowed: true, patchType: 'JSONPatch', patch: btoa(JSON.stringify(patch)) };
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer }),
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const collection = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
  // Webhooks are called in the order of their configurations' names: this one comes after ours.
  const { status, body } = await cluster.api('POST', collection, {
    metadata: { name: 'zz-sidecar' },
    webhooks: [
      {
        name: 'sidecar.mesh.example',
        clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle: btoa(authority.certificate) },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
        namespaceSelector: { matchLabels: { mesh: sidecar } },
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  });
  if (status !== 201) throw new Error(`no sidecar webhook: ${JSON.stringify(body)}`);
  await untilWebhooksAreCurrent(cluster.api);
  return {
    stop: async () => {
      await cluster.api('DELETE', `${collection}/zz-sidecar`);
      await untilWebhooksAreCurrent(cluster.api);
      server.closeAllConnections();
      server.close();
    },
  };
}
