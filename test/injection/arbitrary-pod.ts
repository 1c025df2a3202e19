import fc from 'fast-check';

/** Names that the platform uses too, so that conflicts are frequent. */
const CONTAINERS = [
  'app',
  'tbot',
  'migrate',
  'istio-proxy',
  'linkerd-proxy',
  'constructor',
  ...numbered('c', 10),
];
const VOLUMES = [
  'own',
  'data',
  'tbot-output-identity-output',
  'tbot-output-svid',
  'join-sa-token',
  'tbot-config',
];
const PATHS = [
  '/data',
  '/srv/',
  'etc/app',
  '/var/run',
  '/identity-output',
  '/identity-output/x',
  '/config',
  '/creds',
];
const VARIABLES = ['LANG', 'TELEPORT_PROXY', 'TELEPORT_IDENTITY_FILE', 'POD_NAMESPACE', 'KUBECONFIG'];

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

/** Unknown fields, some with names that are special in JavaScript. */
const unknownFields = fc
  .array(
    fc.tuple(
      fc.constantFrom('__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'fieldOfTomorrow', '~/', ''),
      fc.jsonValue({ maxDepth: 2 }),
    ),
    { maxLength: 2 },
  )
  .map((entries) => Object.fromEntries(entries));

/** Absent, null, or a list. */
function listOf(item: fc.Arbitrary<unknown>, maxLength: number): fc.Arbitrary<unknown> {
  return fc.option(fc.option(fc.array(item, { maxLength }), { nil: null, freq: 5 }), {
    nil: undefined,
    freq: 2,
  });
}

const volumeSource = fc.constantFrom<object>(
  { emptyDir: {} },
  { hostPath: { path: '/x' } },
  { configMap: { name: 'tbot-config' } },
  { secret: { secretName: 'identity-output' } },
  { projected: { sources: [] } },
);
const volume = withUnknown(
  fc.tuple(named(VOLUMES, 3), volumeSource).map(([name, source]) => ({ ...name, ...source })),
);

const mount = withUnknown(
  fc.record(
    {
      name: fc.constantFrom(...VOLUMES),
      mountPath: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom('/data', '/srv/') },
        fc.constantFrom(...PATHS),
      ),
      readOnly: fc.boolean(),
      subPath: fc.option(fc.constant('part'), { nil: null, freq: 1 }),
    },
    { requiredKeys: ['name', 'mountPath'] },
  ),
);

const device = withUnknown(
  fc.record({
    name: fc.constant('disk'),
    devicePath: fc.constantFrom('/dev/xvda', '/disk', '/identity-output'),
  }),
);

const variable = withUnknown(
  fc
    .tuple(
      named(VARIABLES, 1),
      fc.constantFrom<object>(
        { value: 'x' },
        { value: 'example.teleport.sh:443' },
        { valueFrom: { fieldRef: {} } },
      ),
    )
    .map(([name, value]) => ({ ...name, ...value })),
);

/** One of the names; the first ones are more frequent. */
function named(names: readonly string[], harmless: number): fc.Arbitrary<{ name: string }> {
  const often = fc.constantFrom(...names.slice(0, harmless));
  return fc.oneof({ weight: 6, arbitrary: often }, fc.constantFrom(...names)).map((name) => ({ name }));
}

function withUnknown(arbitrary: fc.Arbitrary<object>): fc.Arbitrary<object> {
  return fc.tuple(unknownFields, arbitrary).map(([unknown, known]) => ({ ...unknown, ...known }));
}

const security = fc.option(
  fc.record({ runAsUser: fc.constantFrom(0, 1000), fsGroup: fc.constant(2000) }, { requiredKeys: [] }),
  { nil: null },
);

function container(name: string): fc.Arbitrary<object> {
  const fields = {
    env: listOf(variable, 2),
    envFrom: listOf(fc.constant({ secretRef: { name: 'own' } }), 1),
    volumeDevices: listOf(device, 1),
    volumeMounts: listOf(mount, 2),
    securityContext: security,
    restartPolicy: fc.constant('Always'),
  };
  return withUnknown(fc.record(fields, { requiredKeys: [] }).map((rest) => ({ name, ...rest })));
}

/** The names in both lists of containers; each name is unique in a pod. */
const containerNames = fc
  .tuple(fc.uniqueArray(fc.constantFrom(...CONTAINERS), { maxLength: 16 }), fc.nat(8))
  .map(([names, cut]) => [names.slice(0, Math.min(cut, 8)), names.slice(cut, cut + 8)] as const);

export interface ArbitrarySpec {
  readonly spec: object;
  readonly names: readonly string[];
}

/** A pod's spec, with the names of its containers. */
export const arbitrarySpec: fc.Arbitrary<ArbitrarySpec> = containerNames.chain(([init, main]) => {
  const fields = {
    initContainers: fc.option(fc.tuple(...init.map(container)), { nil: null, freq: 9 }),
    containers: fc.tuple(...main.map(container)),
    volumes: listOf(volume, 2),
    securityContext: security,
    automountServiceAccountToken: fc.boolean(),
    os: fc.oneof({ weight: 9, arbitrary: fc.constant({ name: 'linux' }) }, fc.constant({ name: 'windows' })),
  };
  return withUnknown(fc.record(fields, { requiredKeys: ['containers'] })).map((spec) => ({
    spec,
    names: [...('initContainers' in spec && spec.initContainers !== null ? init : []), ...main],
  }));
});
