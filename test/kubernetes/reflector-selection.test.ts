import { expect, it, onTestFinished } from 'vitest';
import { loadClient } from '../../src/kubernetes/client.ts';
import { resourceVersionOf } from '../../src/kubernetes/list.ts';
import { Reflector } from '../../src/kubernetes/reflector.ts';
import { FakeApiServer, json, listOf, namespace, until } from './fake-api-server.ts';

it('a watch of one name sends its field selector with every page of the list and with the watch', async () => {
  const api = await new FakeApiServer(({ query }, response) => {
    if (query.has('watch')) response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    else json(response, 200, listOf([namespace('a', 1)], 1, query.has('continue') ? undefined : 'more'));
  }).listen();
  const client = loadClient({ kubeconfig: await api.kubeconfig() });
  const watch = new Reflector({
    client,
    path: '/api/v1/namespaces',
    query: { fieldSelector: 'metadata.name=a' },
    read: resourceVersionOf,
    onChange: () => undefined,
  });
  onTestFinished(async () => {
    await watch.stop();
    await client.close();
    await api.close();
  });
  await until(() => api.watches.length > 0);
  expect(api.lists).toHaveLength(2);
  for (const { query } of api.requests) expect(query.get('fieldSelector')).toBe('metadata.name=a');
});
