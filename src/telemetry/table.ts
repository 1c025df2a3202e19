/**
 * Every metric of this program, one row each. The key is how code calls it: `metrics.uninjectedPods.set(3)`. The registry,
 * the types of the handles, the documentation and the names in alerts and dashboard come from these rows.
 * Node's own metrics (event loop delay, heap, garbage collection) come from prom-client.
 */
export const METRICS = {
  admissions: {
    kind: 'counter',
    process: 'webhook',
    name: 'tbot_injector_admissions_total',
    help: 'Reviews answered, by endpoint, outcome and the code of the first problem (empty if there is none).',
    labels: ['endpoint', 'outcome', 'reason'],
  },
  admissionDuration: {
    kind: 'histogram',
    process: 'webhook',
    name: 'tbot_injector_admission_duration_seconds',
    help: 'Time from the request to its answer, by endpoint.',
    labels: ['endpoint'],
    // A review takes well under a millisecond: buckets that start at 100 ms would show nothing of it.
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  },
  inFlightAdmissions: {
    kind: 'gauge',
    process: 'webhook',
    name: 'tbot_injector_in_flight_admissions',
    help: 'Reviews that are being answered now.',
    labels: [],
  },
  admissionsByNamespace: {
    kind: 'counter',
    process: 'webhook',
    name: 'tbot_injector_admissions_by_namespace_total',
    help: 'Reviews answered, by namespace and outcome. Only when counting by namespace is switched on.',
    labels: ['namespace', 'outcome'],
    optIn: 'countByNamespace',
  },
  certificateExpiry: {
    kind: 'gauge',
    process: 'both',
    name: 'tbot_injector_certificate_expiry_timestamp_seconds',
    help: 'When a certificate in use expires, as a Unix time.',
    labels: ['certificate'],
    values: { certificate: ['ca', 'serving'] },
    leader: true,
  },
  certificateFaults: {
    kind: 'counter',
    process: 'webhook',
    name: 'tbot_injector_certificate_faults_total',
    help: 'Times that a new certificate could not be used, by the fault found in it; the previous one stays in use.',
    labels: ['certificate', 'reason'],
    values: { certificate: ['ca', 'serving'] },
  },
  configProblems: {
    kind: 'gauge',
    process: 'both',
    name: 'tbot_injector_config_problems',
    help: 'Problems of the configuration file as it is now. Over 0: the program goes on with the configuration it has; a restart would fail.',
    labels: [],
  },
  configCurrent: {
    kind: 'gauge',
    process: 'both',
    name: 'tbot_injector_config_current',
    help: 'Whether the program runs with what its configuration file says now: 1 or 0. The file is read at the start only.',
    labels: [],
    boolean: true,
  },
  informerLastContact: {
    kind: 'gauge',
    process: 'both',
    name: 'tbot_injector_informer_last_contact_timestamp_seconds',
    help: 'When an informer last heard from the API server, as a Unix time; 0 before the first time.',
    labels: ['resource'],
  },
  informerRestarts: {
    kind: 'counter',
    process: 'both',
    name: 'tbot_injector_informer_restarts_total',
    help: 'Times that an informer started its watch again after a fault.',
    labels: ['resource'],
  },
  leader: {
    kind: 'gauge',
    process: 'controller',
    name: 'tbot_injector_leader',
    help: 'Whether this replica leads: 1 or 0. The sum over all replicas is 1.',
    labels: [],
    boolean: true,
  },
  certificateRotations: {
    kind: 'counter',
    process: 'controller',
    name: 'tbot_injector_certificate_rotations_total',
    help: 'Certificates made by this replica, by what they are (`ca`, `serving`) and why.',
    labels: ['certificate', 'reason'],
    values: { certificate: ['ca', 'serving'] },
  },
  caBundleWrites: {
    kind: 'counter',
    process: 'controller',
    name: 'tbot_injector_ca_bundle_writes_total',
    help: 'Times that the CA bundle was written into webhook entries.',
    labels: [],
  },
  reconcileErrors: {
    kind: 'counter',
    process: 'controller',
    name: 'tbot_injector_reconcile_errors_total',
    help: 'Reconciliations that failed, by controller (`namespaces`: the Secrets and RoleBindings of one namespace); each is tried again.',
    labels: ['controller'],
  },
  credentials: {
    kind: 'gauge',
    process: 'controller',
    name: 'tbot_injector_credentials',
    help: 'Credentials of a bot and shard, by state: `configured` (in tbot.yaml), `waiting` (the shard has no room) or `blocked` (tbot could not write the Secret).',
    labels: ['bot', 'shard', 'state'],
    values: { state: ['configured', 'waiting', 'blocked'] },
    leader: true,
  },
  unhealthyCredentials: {
    kind: 'gauge',
    process: 'controller',
    name: 'tbot_injector_unhealthy_credentials',
    help: 'Credentials of a bot, by state: `never-written`, or `stale` (no longer renewed).',
    labels: ['bot', 'state'],
    values: { state: ['never-written', 'stale'] },
    leader: true,
  },
  failingCredentials: {
    kind: 'gauge',
    process: 'controller',
    name: 'tbot_injector_failing_credentials',
    help: 'Credentials of a bot and shard that tbot reports as failing to renew; absent while tbot cannot be asked.',
    labels: ['bot', 'shard'],
    leader: true,
  },
  tbotReachable: {
    kind: 'gauge',
    process: 'controller',
    name: 'tbot_injector_tbot_reachable',
    help: 'Whether the tbot of a bot and shard answers when the controller asks about its outputs: 1 or 0.',
    labels: ['bot', 'shard'],
    leader: true,
    boolean: true,
  },
  uninjectedPods: {
    kind: 'gauge',
    process: 'controller',
    name: 'tbot_injector_uninjected_pods',
    help: 'Pods in opted-in namespaces that ask for credentials and were not injected.',
    labels: [],
    leader: true,
  },
  podsWithRevokedCredentials: {
    kind: 'gauge',
    process: 'controller',
    name: 'tbot_injector_pods_with_revoked_credentials',
    help: 'Pods whose credentials are no longer renewed, because the grant was revoked or the namespace lost its label.',
    labels: [],
    leader: true,
  },
  workloadRestarts: {
    kind: 'counter',
    process: 'controller',
    name: 'tbot_injector_workload_restarts_total',
    help: 'Restarts of workloads that ask for them by annotation: `done`, or `failed` and tried again.',
    labels: ['outcome'],
    values: { outcome: ['done', 'failed'] },
  },
  unrestartableWorkloads: {
    kind: 'gauge',
    process: 'controller',
    name: 'tbot_injector_unrestartable_workloads',
    help: 'Workloads that ask for restarts and cannot have them; an Event on each says why.',
    labels: [],
    leader: true,
  },
  tbotRestarts: {
    kind: 'counter',
    process: 'controller',
    name: 'tbot_injector_tbot_restarts_total',
    help: 'Times that the tbot of a bot and shard was restarted to read a new configuration.',
    labels: ['bot', 'shard'],
  },
  clockAhead: {
    kind: 'gauge',
    process: 'controller',
    name: 'tbot_injector_clock_ahead_seconds',
    help: 'How far the clock of this replica is ahead of that of the API server; 0 while they agree within seconds.',
    labels: [],
  },
  buildInfo: {
    kind: 'gauge',
    process: 'both',
    name: 'tbot_injector_build_info',
    help: 'Always 1; the version of the program is its label.',
    labels: ['version'],
  },
} as const satisfies Record<string, Metric>;

export type MetricKey = keyof typeof METRICS;

export type Metric = CounterRow | GaugeRow | HistogramRow;

interface Row {
  readonly name: string;
  readonly help: string;
  /** The process that shows it; in the other one its handle does nothing. */
  readonly process: 'webhook' | 'controller' | 'both';
  readonly labels: readonly string[];
  /** All values of a label, if the table knows them: the handle takes no others. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
  /** Of the controller's replicas only the leader shows it: `resetLeader` forgets its values. */
  readonly leader?: true;
}

interface CounterRow extends Row {
  readonly kind: 'counter';
  /** Shown only if this option of `createMetrics` is on. */
  readonly optIn?: 'countByNamespace';
}

interface GaugeRow extends Row {
  readonly kind: 'gauge';
  /** 1 or 0, set by `true` or `false`. */
  readonly boolean?: true;
}

interface HistogramRow extends Row {
  readonly kind: 'histogram';
  /** Upper bounds in seconds. */
  readonly buckets: readonly number[];
}
