import { payments, withOutput } from './bot.ts';

/** What helm lets pass, by what it is. */
export const GOOD: Readonly<Record<string, object>> = {
  'the fewest that there can be': {},
  'those of an umbrella chart': { global: { imageRegistry: 'registry.example.com' }, enabled: true },
  'a bot with everything': {
    bots: {
      payments: {
        ...payments,
        namespaces: { names: ['payments'], selector: { matchLabels: { team: 'payments' } } },
        tbot: {
          credential_ttl: '1h30m',
          renewal_interval: '.5h',
          debug: true,
          field_of_tomorrow: { a: [1] },
        },
        shards: 2,
        deployment: {
          fips: true,
          image: { tag: '18.8.1' },
          env: [{ name: 'HTTPS_PROXY', value: 'http://p:1' }],
        },
      },
    },
  },
  'fields of tbot that are not known yet, and none': withOutput({
    type: 'identity',
    later: { x: 1 },
    cluster: null,
  }),
  "what Kubernetes' own objects hold": {
    webhook: {
      resources: { requests: { cpu: 1, 'example.com/gpu': 1 }, claims: [{ name: 'x' }] },
      affinity: { podAntiAffinity: { anything: [] } },
      tolerations: [{ operator: 'Exists' }],
      podDisruptionBudget: { maxUnavailable: '25%' },
      nodeSelector: { 'kubernetes.io/os': 'linux' },
    },
    tbot: { deployment: { volumes: [{ name: 'x', emptyDir: {} }] } },
    extraObjects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }, '{}'],
  },
  'null for a list, an open map or an empty text': {
    webhook: { resources: null, tolerations: null, url: null, priorityClassName: null, extraArgs: null },
    controller: { resources: null, podAnnotations: null },
    tbot: { deployment: { resources: { limits: null }, image: { tag: null } } },
    monitoring: { dashboard: { labels: { grafana_dashboard: null } } },
    bots: null,
    telemetry: null,
    commonLabels: null,
  },
};
