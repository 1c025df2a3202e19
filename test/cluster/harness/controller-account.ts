import type { Cluster } from './cluster.ts';
import { accountKubeconfig, applyAccess } from './service-account.ts';

/** The release that a controller belongs to. */
export interface Release {
  readonly namespace: string;
  readonly fullname: string;
}

/** A kubeconfig of the controller's account with the rights that the chart gives it; the namespace is there afterwards. */
export async function createControllerAccount(
  cluster: Cluster,
  { namespace, fullname }: Release,
): Promise<string> {
  await applyAccess(cluster, { template: 'templates/controller/access.yaml', namespace, fullname });
  return accountKubeconfig(cluster, { namespace, name: `${fullname}-controller` });
}
