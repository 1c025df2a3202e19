import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { parseAllDocuments } from 'yaml';

import { parseKubernetesYaml } from '../../../src/config/yaml.ts';
import { renderChart } from '../../chart/render.ts';
import type { Cluster } from '../harness/cluster.ts';
import { eventually } from '../harness/eventually.ts';

export const RELEASE = 'tbot-injector';
export const RELEASE_NAMESPACE = 'tbot-system';
export const OPTED_IN = { 'tbot-injector.io/injection': 'enabled' };

const KINDS = ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'];
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

/** Values of the chart that make the platform of the goldens. */
export async function goldenValues(): Promise<object> {
  const text = await readFile(new URL('../../golden/config.yaml', import.meta.url), 'utf8');
  return parseKubernetesYaml(text)[0]?.toJS() as object;
}

/** Puts the chart's policies into the cluster, and nothing else of it; returns once the API server acts on them. */
export async function installPolicies(cluster: Cluster, values: object): Promise<void> {
  const rendered = await renderChart({
    values,
    release: RELEASE,
    namespace: RELEASE_NAMESPACE,
    helm: (args, stdin) => cluster.helm(args, stdin),
  });
  const items = parseAllDocuments(rendered)
    .map((document) => document.toJS() as { kind: string } | null)
    .filter((object) => object !== null && KINDS.includes(object.kind));
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const { code, stderr } = await cluster.kubectl(['apply', '--server-side', '--filename', '-'], list);
  if (code !== 0) throw new Error(`kubectl apply of the policies: ${stderr}`);
  await untilPoliciesAreCurrent(cluster);
}

/**
 * Waits until the API server acts on every policy written so far: it learns of them in order, so when a marker that
 * was written last refuses something, all of them are in force.
 */
async function untilPoliciesAreCurrent({ api }: Cluster): Promise<void> {
  const name = `marker-${randomUUID()}`;
  const policies = `${ADMISSION}/validatingadmissionpolicies`;
  const bindings = `${ADMISSION}/validatingadmissionpolicybindings`;
  const resourceRules = [
    { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] },
  ];
  const validations = [{ expression: `object.metadata.name != '${name}'`, message: name }];
  const spec = { matchConstraints: { resourceRules }, validations };
  const created = [
    await api('POST', policies, { metadata: { name }, spec }),
    await api('POST', bindings, {
      metadata: { name },
      spec: { policyName: name, validationActions: ['Deny'] },
    }),
  ];
  const refused = created.find(({ status }) => status !== 201);
  if (refused !== undefined) throw new Error(`no marker: ${JSON.stringify(refused.body)}`);
  const probe = { metadata: { name } };
  await eventually('the policies are in force', async () => {
    const { status } = await api('POST', '/api/v1/namespaces/default/configmaps?dryRun=All', probe);
    return status === 422 || undefined;
  });
  await api('DELETE', `${bindings}/${name}`);
  await api('DELETE', `${policies}/${name}`);
}
