/** As the webhook makes it of a pod that asks for two outputs of the goldens' platform. */
export interface Pod {
  metadata: { name: string; annotations: Record<string, string> };
  spec: PodSpec;
}

interface PodSpec {
  initContainers: Container[];
  containers: Container[];
  volumes: Volume[];
}

interface Container {
  name: string;
  image: string;
  volumeMounts?: Mount[];
}

interface Mount {
  name: string;
  mountPath: string;
  readOnly?: boolean;
  subPath?: string;
}

interface Items {
  items?: { key: string; path: string }[];
  optional?: boolean;
}

interface Volume {
  name: string;
  emptyDir?: object;
  configMap?: { name: string } & Items;
  secret?: { secretName: string } & Items;
  projected?: {
    sources: {
      secret?: { name: string } & Items;
      serviceAccountToken?: { audience?: string; path: string; expirationSeconds: number };
    }[];
  };
}

const IDENTITY = [
  'key',
  'key.pub',
  'key-cert.pub',
  'tlscert',
  'identity',
  'teleport-host-ca.crt',
  'teleport-user-ca.crt',
  'teleport-database-ca.crt',
  'known_hosts',
];
const SVID = ['svid.pem', 'svid_key.pem', 'svid_bundle.pem'];

const toItems = (keys: readonly string[]) => keys.map((key) => ({ key, path: key }));

/** Asks for a Secret volume and a projected one, in `app`, `init` and `sidecar`; none of it is shared between calls. */
export function consumer(): Pod {
  const volumeMounts = (): Mount[] => [
    { name: 'tbot-output-identity-output', mountPath: '/identity-output', readOnly: true },
    { name: 'tbot-output-svid', mountPath: '/var/run/teleport/svid', readOnly: true },
  ];
  const container = (name: string) => ({
    name,
    image: 'registry.example/app:1',
    volumeMounts: volumeMounts(),
  });
  return {
    metadata: { name: 'app', annotations: { 'tbot-injector.io/outputs': 'identity-output, svid' } },
    spec: {
      initContainers: [container('init')],
      containers: [
        container('app'),
        container('sidecar'),
        { name: 'istio-proxy', image: 'registry.example/mesh:1' },
      ],
      volumes: [
        {
          name: 'tbot-output-identity-output',
          secret: { secretName: 'identity-output', items: toItems(IDENTITY), optional: false },
        },
        {
          name: 'tbot-output-svid',
          projected: {
            sources: [
              { secret: { name: 'tbot-svid', items: toItems(SVID), optional: false } },
              { secret: { name: 'tbot-svid', items: toItems(['svid_crl.pem']), optional: true } },
            ],
          },
        },
      ],
    },
  };
}

/** Runs tbot in container `tbot`, with a ConfigMap. */
export function joiner(): Pod {
  return {
    metadata: {
      name: 'tbot',
      annotations: { 'tbot-injector.io/join': 'tbot', 'tbot-injector.io/tbot-config': 'own=/etc/tbot' },
    },
    spec: {
      initContainers: [],
      containers: [
        {
          name: 'tbot',
          image: 'registry.example/tbot:1',
          volumeMounts: [
            { name: 'join-sa-token', mountPath: '/var/run/secrets/tokens', readOnly: true },
            { name: 'tbot-config', mountPath: '/etc/tbot', readOnly: true },
          ],
        },
        { name: 'other', image: 'registry.example/app:1' },
      ],
      volumes: [
        {
          name: 'join-sa-token',
          projected: {
            sources: [
              {
                serviceAccountToken: {
                  audience: 'example.teleport.sh',
                  path: 'join-sa-token',
                  expirationSeconds: 600,
                },
              },
            ],
          },
        },
        { name: 'tbot-config', configMap: { name: 'own', optional: false } },
      ],
    },
  };
}
