import { RELEASE, RELEASE_NAMESPACE } from './install.ts';
import { secrets } from './managed.ts';

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

/** The webhook configurations of the release, and the first entry of each, as installConfigurations makes them. */
export const HOOKS = [
  `${ADMISSION}/mutatingwebhookconfigurations/${RELEASE}`,
  `${ADMISSION}/validatingwebhookconfigurations/${RELEASE}`,
] as const;
export const ENTRY: Readonly<Record<string, string>> = {
  [HOOKS[0]]: 'mutate.tbot-injector.io',
  [HOOKS[1]]: 'check.tbot-injector.io',
};

/** A Secret that a tenant made. */
export const FOREIGN = `${secrets('payments')}/own`;

export const DEPLOYMENTS = `/apis/apps/v1/namespaces/${RELEASE_NAMESPACE}/deployments`;
export const DEPLOYMENT = `${DEPLOYMENTS}/tbot-injector-bot-payments-0`;

export function tbotDeployment(name: string): object {
  const labels = { app: 'tbot' };
  return {
    metadata: { name, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { kept: 'x' } },
        spec: { containers: [{ name: 'tbot', image: 'registry.example/tbot:1' }] },
      },
    },
  };
}
