import type { BadValues } from './bad-values.ts';
import { payments } from './bot.ts';

const search = { ...payments, outputs: { search: { tbot: { type: 'identity' } } } };
const OWN_ACCOUNT =
  'expected a ServiceAccount of its own: rights and join token of a bot go by it. Fix: name another one there, and leave tbot.deployment.serviceAccount.name empty';
const shared = { serviceAccount: { name: 'shared' } };

/** Of what the program is not told. */
export const BAD_INSTALLATIONS: readonly BadValues[] = [
  {
    title: 'one account for all bots',
    values: { tbot: { deployment: shared }, bots: { payments, search } },
    problems: [
      `bots.search.deployment.serviceAccount.name: found "shared", which bots.payments has too; ${OWN_ACCOUNT}`,
    ],
  },
  {
    title: 'the account of another bot, by its default name, and that of the controller',
    values: {
      bots: {
        payments: { ...payments, deployment: { serviceAccount: { name: 'tbot-injector-controller' } } },
        refunds: { ...search, outputs: { refunds: { tbot: { type: 'identity' } } } },
        search: { ...search, deployment: { serviceAccount: { name: 'tbot-injector-bot-refunds' } } },
      },
    },
    problems: [
      `bots.payments.deployment.serviceAccount.name: found "tbot-injector-controller", which the controller has too; ${OWN_ACCOUNT}`,
      `bots.search.deployment.serviceAccount.name: found "tbot-injector-bot-refunds", which bots.refunds has too; ${OWN_ACCOUNT}`,
    ],
  },
  {
    title: 'a given certificate that is not given',
    values: { certificates: { source: 'secret' } },
    problems: [
      'certificates.secret.caBundle: found nothing; expected PEM of the CA by which API servers trust the webhook, as certificates.source is secret. Fix: pass --set-file certificates.secret.caBundle=ca.crt, or set certificates.source: controller',
      'certificates.secret.name: found nothing; expected the Secret with tls.crt and tls.key, as certificates.source is secret. Fix: name it, or set certificates.source: controller',
    ],
    schema: true,
  },
  ...[
    ['https://Webhook.example.com:8443/x', 'webhook.example.com'],
    ['https://[2001:db8::1]:8443', '2001:db8::1'],
    ['https://10.0.0.1', '10.0.0.1'],
  ].map(([url = '', host = '']) => ({
    title: `the address ${url}, which is not in the certificate`,
    values: { webhook: { url }, certificates: { servingNames: ['other.example.com'] } },
    problems: [
      `webhook.url: found host "${host}", for which the serving certificate is not made; expected a host among certificates.servingNames. Fix: add "${host}" to certificates.servingNames`,
    ],
  })),
  ...[{ enabled: false }, { validationActions: ['Warn', 'Audit'] }].map((guardrails) => ({
    title: `restarts without a guardrail that denies: ${JSON.stringify(guardrails)}`,
    values: { controller: { workloadRestarts: true }, policies: { guardrails } },
    problems: [],
    schema: [
      "at '/controller/workloadRestarts': value must be 'false while policies.guardrails denies nothing: the right to restart workloads is the right to change all of them, in every namespace. Fix: set policies.guardrails.enabled: true and validationActions: [Deny], or controller.workloadRestarts: false'",
    ],
  })),
  {
    title: 'scaling from many to few',
    values: { webhook: { autoscaling: { enabled: true, minReplicas: 9 } } },
    problems: [
      'webhook.autoscaling.minReplicas: found 9; expected at most maxReplicas, which is 6. Fix: lower minReplicas, or raise maxReplicas',
    ],
  },
  {
    title: 'CAs without names',
    values: { webhook: { clientCertificates: { configMapName: 'apiserver-ca' } } },
    problems: [
      'webhook.clientCertificates.names: found nothing; expected common names of the certificates that are let in, beside configMapName. Fix: add names: [<common name of the API servers>], or remove configMapName',
    ],
    schema: true,
  },
  {
    title: 'names without CAs',
    values: { webhook: { clientCertificates: { names: ['apiserver'] } } },
    problems: [
      'webhook.clientCertificates.configMapName: found nothing; expected the ConfigMap whose ca.crt holds their CAs, beside names. Fix: add configMapName, or remove names',
    ],
    schema: true,
  },
  {
    title: 'two monitors of the same pods',
    values: { monitoring: { serviceMonitor: { enabled: true }, podMonitor: { enabled: true } } },
    problems: [],
    schema: [
      "at '/monitoring': value must be 'one of serviceMonitor.enabled and podMonitor.enabled, or everything would be counted twice. Fix: set monitoring.serviceMonitor.enabled or monitoring.podMonitor.enabled to false'",
    ],
  },
  {
    title: 'alerts without a monitor',
    values: { monitoring: { prometheusRule: { enabled: true } } },
    problems: [],
    schema: [
      "at '/monitoring': value must be 'serviceMonitor or podMonitor beside prometheusRule.enabled, for the alerts look for the labels that these set. Fix: set monitoring.serviceMonitor.enabled to true'",
    ],
  },
  {
    title: 'one port for two',
    values: { webhook: { containerPort: 8080 } },
    problems: [
      'webhook.healthPort: found 8080; expected another port than webhook.containerPort. Fix: choose another one of the two',
    ],
  },
];

const carried = { certificates: { servingNames: ['Webhook.example.com', '2001:db8::1'] } };

/** Next to what is refused. */
export const GOOD_INSTALLATIONS: Readonly<Record<string, object>> = {
  'accounts of their own': { tbot: { deployment: shared }, bots: { payments } },
  'a given certificate': {
    certificates: { source: 'secret', secret: { name: 'tls', caBundle: '-----BEGIN CERTIFICATE-----' } },
    webhook: { url: 'https://webhook.example.com' },
  },
  'an address in the certificate': { webhook: { url: 'https://webhook.example.com:443/x' }, ...carried },
  'an address of numbers in the certificate': { webhook: { url: 'https://[2001:db8::1]' }, ...carried },
  'the address of the Service': { webhook: { url: 'https://tbot-injector-webhook.tbot-system.svc:443' } },
  'scaling that is off': { webhook: { autoscaling: { minReplicas: 9 } } },
  'CAs with names': {
    webhook: { clientCertificates: { configMapName: 'apiserver-ca', names: ['apiserver'] } },
  },
};
