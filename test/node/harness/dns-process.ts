import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';

import { parse } from 'yaml';

import { connect } from '../../cluster/harness/api.ts';
import { type Answer, answerQuery } from './dns-message.ts';

// `node dns-process.ts KUBECONFIG ADDRESS`, inside the sandbox: answers for the Services of the cluster, and no other name.
const [kubeconfig = '', address = ''] = process.argv.slice(2);
const { clusters, users } = parse(await readFile(kubeconfig, 'utf8')) as Kubeconfig;
const { server, 'certificate-authority-data': ca } = clusters[0].cluster;
const { 'client-certificate-data': certificate, 'client-key-data': key } = users[0].user;
const { api } = connect(server, atob(ca), { client: { certificate: atob(certificate), key: atob(key) } });

const socket = createSocket('udp4');
socket.on('message', (query, { address: asker, port }) => {
  void answerQuery(query, lookUp).then((answer) => {
    if (answer !== undefined) socket.send(answer, port, asker);
  });
});
socket.bind(53, address);

const SERVICE = /^([^.]+)\.([^.]+)\.svc\.cluster\.local$/;

/** The address of a Service; those of its ready pods where it has none of its own. */
async function lookUp(name: string): Promise<Answer> {
  const [, service, namespace] = SERVICE.exec(name) ?? [];
  if (service === undefined || namespace === undefined) return 'no such name';
  try {
    const found = await api('GET', `/api/v1/namespaces/${namespace}/services/${service}`);
    if (found.status !== 200) return found.status === 404 ? 'no such name' : 'failure';
    const { clusterIP } = (found.body as { spec: { clusterIP: string } }).spec;
    if (clusterIP !== 'None') return [clusterIP];
    const of = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
    const { body } = await api('GET', `${of}?labelSelector=kubernetes.io/service-name%3D${service}`);
    const { items } = body as { items: readonly EndpointSlice[] };
    const endpoints = items.flatMap((slice) => slice.endpoints ?? []);
    return endpoints
      .filter(({ conditions }) => conditions?.ready !== false)
      .flatMap(({ addresses }) => addresses);
  } catch {
    return 'failure';
  }
}

interface EndpointSlice {
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions?: { readonly ready?: boolean };
  }[];
}

interface Kubeconfig {
  readonly clusters: readonly [
    { readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string } },
  ];
  readonly users: readonly [
    { readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string } },
  ];
}
