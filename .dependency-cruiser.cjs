/**
 * Rooms and their direction: main -> cli -> app -> {admission, controller} -> {certificates, injection} -> {annotations,
 * grants} -> config -> teleport -> problems; kubernetes, telemetry and health are the ground floor. Pure rooms know no
 * IO, no client and no logger. A command without a cluster does not load the client of Kubernetes.
 */
const PURE = [
  'problems',
  'teleport',
  'config',
  'annotations',
  'grants',
  'injection',
  'manifests',
  'credentials',
  'restarts',
];

/** What each room may import, beside itself: rooms and files. */
const ROOMS = {
  problems: [],
  teleport: ['problems'],
  config: ['teleport', 'problems'],
  annotations: ['config', 'problems'],
  grants: ['annotations', 'config', 'teleport', 'problems'],
  injection: ['annotations', 'grants', 'config', 'problems'],
  manifests: ['injection', 'config', 'problems'],
  credentials: ['grants', 'annotations', 'teleport', 'config', 'problems'],
  restarts: ['credentials', 'grants', 'annotations', 'teleport', 'config', 'problems'],
  certificates: ['problems'],
  kubernetes: ['problems'],
  telemetry: ['problems'],
  health: [],
  admission: ['certificates', 'restarts', 'injection', 'grants', 'config', 'health', 'problems'],
  controller: [
    'certificates',
    'restarts',
    'credentials',
    'grants',
    'teleport',
    'config',
    'kubernetes',
    'telemetry',
    'health',
    'problems',
  ],
  app: [
    'admission',
    'controller',
    'certificates',
    'credentials',
    'config',
    'kubernetes',
    'telemetry',
    'health',
    'problems',
    'version.ts',
  ],
  // Certificates: the one for development, and the check of the file of --client-ca.
  cli: [
    'app',
    'certificates',
    'restarts',
    'manifests',
    'injection',
    'grants',
    'annotations',
    'config',
    'telemetry',
    'problems',
    'version.ts',
  ],
  'main.ts': ['cli'],
};

function pathOf(roomsAndFiles, folder = 'src') {
  return `^${folder}/(${roomsAndFiles.map((each) => (each.endsWith('.ts') ? each.replace('.', '\\.') : `${each}/`)).join('|')})`;
}

/** What each room of the controller may import of the others; its top puts them together. */
const CONTROLLER_ROOMS = {
  runtime: [],
  caches: [],
  certificates: ['runtime', 'names.ts'],
  namespaces: ['runtime', 'caches', 'names.ts'],
  tbot: ['runtime', 'caches', 'names.ts'],
  status: ['runtime', 'caches', 'tbot', 'names.ts'],
  pods: ['runtime', 'caches'],
  workloads: ['runtime', 'caches'],
  'names.ts': [],
  'manager.ts': ['runtime'],
};

/** Decisions that live beside their IO. */
const DECISIONS = [
  'certificates/(rotation|rotation-facts|renewal|validity|ca-bundle)',
  'kubernetes/(lease|backoff|watch-end)',
];

/** node:path has no IO; node:util only paints. */
const PURE_BUILTINS = '^(node:)?(path|util)$';
const PURE_PACKAGES = 'node_modules/(zod|yaml|diff)/';

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '^src/main\\.ts$' },
      to: {},
    },
    {
      name: 'product-imports-no-tests-or-tools',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|tools|examples)/' },
    },
    {
      name: 'product-imports-no-devDependencies',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-unknown', 'npm-no-pkg'] },
    },
    {
      name: 'pure-rooms-know-no-io',
      severity: 'error',
      from: { path: `^src/(${PURE.join('|')})/` },
      to: { dependencyTypes: ['core'], pathNot: PURE_BUILTINS },
    },
    {
      name: 'pure-rooms-know-no-clients',
      severity: 'error',
      from: { path: `^src/(${PURE.join('|')})/` },
      to: { path: 'node_modules/', pathNot: PURE_PACKAGES },
    },
    {
      name: 'decisions-know-no-io',
      severity: 'error',
      from: { path: `^src/(${DECISIONS.join('|')})\\.ts$` },
      to: { dependencyTypes: ['core'], pathNot: PURE_BUILTINS },
    },
    {
      name: 'client-of-kubernetes-is-loaded-late',
      severity: 'error',
      from: { path: '^src/(app|cli)/' },
      to: {
        path: '^src/(kubernetes|controller)/',
        pathNot: '^src/controller/names\\.ts$',
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    },
    ...Object.entries(ROOMS).map(([room, allowed]) => ({
      name: `${room}-looks-only-down`,
      severity: 'error',
      from: { path: pathOf([room]) },
      to: { path: '^src/', pathNot: pathOf([room, ...allowed]) },
    })),
    ...Object.entries(CONTROLLER_ROOMS).map(([room, allowed]) => ({
      name: `controller-${room}-looks-only-down`,
      severity: 'error',
      from: { path: pathOf([room], 'src/controller') },
      to: { path: '^src/controller/', pathNot: pathOf([room, ...allowed], 'src/controller') },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
