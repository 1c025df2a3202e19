import type { Cluster } from './cluster.ts';
import { accountKubeconfig, applyAccess } from './service-account.ts';

const RELEASE = { namespace: 'tbot-system', fullname: 'tbot-injector' };

/** A kubeconfig of the webhook's account with the rights that the chart gives it. */
export async function createWebhookAccount(cluster: Cluster): Promise<string> {
  await applyAccess(cluster, { template: 'templates/webhook/access.yaml', ...RELEASE });
  return accountKubeconfig(cluster, { namespace: RELEASE.namespace, name: `${RELEASE.fullname}-webhook` });
}
