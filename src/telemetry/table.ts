/**
 * Every metric of ours, one entry each: the registry and the documentation are made from it.
 * node's own (event loop delay, heap, GC) come from prom-client beside these.
 */
export const METRICS = {
  admissions: {
    kind: 'counter',
    name: 'tbot_injector_admissions_total',
    help: 'Reviews answered, by endpoint, outcome and the code of the first problem (empty where there is none).',
    labels: ['endpoint', 'outcome', 'reason'],
  },
  admissionDuration: {
    kind: 'histogram',
    name: 'tbot_injector_admission_duration_seconds',
    help: 'Time from the request to its answer, by endpoint.',
    labels: ['endpoint'],
    // A review takes well under a millisecond; peers whose buckets start at 100 ms see nothing of it.
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  },
  admissionsInFlight: {
    kind: 'gauge',
    name: 'tbot_injector_admissions_in_flight',
    help: 'Reviews that are being answered now.',
    labels: [],
  },
  admissionsByNamespace: {
    kind: 'counter',
    name: 'tbot_injector_admissions_by_namespace_total',
    help: 'Reviews answered, by namespace and outcome. Only when counting by namespace is switched on.',
    labels: ['namespace', 'outcome'],
  },
  certificateExpiry: {
    kind: 'gauge',
    name: 'tbot_injector_certificate_expiry_timestamp_seconds',
    help: 'When a certificate in use ends, as a Unix time.',
    labels: ['certificate'],
  },
  certificateFaults: {
    kind: 'counter',
    name: 'tbot_injector_certificate_faults_total',
    help: 'Times that a certificate to be used could not be, by what is wrong with it; the one before stays in use.',
    labels: ['certificate', 'reason'],
  },
  configProblems: {
    kind: 'gauge',
    name: 'tbot_injector_config_problems',
    help: 'Problems of the configuration file as it is now. Over 0: the one before stays in force, and a pod that starts is refused.',
    labels: [],
  },
  configCurrent: {
    kind: 'gauge',
    name: 'tbot_injector_config_in_force',
    help: 'Whether this program works with what its configuration file says now: 1 or 0. It is read at the start alone.',
    labels: [],
  },
  watchLastContact: {
    kind: 'gauge',
    name: 'tbot_injector_watch_last_contact_timestamp_seconds',
    help: 'When a watch last heard from the API server, as a Unix time; 0 before the first time.',
    labels: ['resource'],
  },
  watchRestarts: {
    kind: 'counter',
    name: 'tbot_injector_watch_restarts_total',
    help: 'Times a watch began anew after trouble.',
    labels: ['resource'],
  },
  leader: {
    kind: 'gauge',
    name: 'tbot_injector_leader',
    help: 'Whether this controller leads: 1 or 0. Over all replicas the sum is 1.',
    labels: [],
  },
  rotations: {
    kind: 'counter',
    name: 'tbot_injector_certificate_rotations_total',
    help: 'Certificates made by this controller, by what they are (ca, serving) and why.',
    labels: ['certificate', 'reason'],
  },
  caBundleWrites: {
    kind: 'counter',
    name: 'tbot_injector_ca_bundle_writes_total',
    help: 'Times that the CA bundle was written into webhook entries.',
    labels: [],
  },
  dutyFailures: {
    kind: 'counter',
    name: 'tbot_injector_duty_failures_total',
    help: 'Times that a duty of the leading controller failed; it is tried again.',
    labels: ['duty'],
  },
  credentialsListed: {
    kind: 'gauge',
    name: 'tbot_injector_credentials',
    help: 'Credentials of a bot and shard: state `listed`, which tbot keeps; `waiting`, for which its shard has no room; or `blocked`, whose Secrets tbot could not write.',
    labels: ['bot', 'shard', 'state'],
  },
  credentialsUnhealthy: {
    kind: 'gauge',
    name: 'tbot_injector_credentials_unhealthy',
    help: 'Credentials of a bot that are `never-written`, or `stale`: renewed no longer.',
    labels: ['bot', 'state'],
  },
  credentialsFailing: {
    kind: 'gauge',
    name: 'tbot_injector_credentials_failing',
    help: 'Credentials of a bot and shard that tbot itself says it cannot renew; absent where it cannot be asked.',
    labels: ['bot', 'shard'],
  },
  tbotReachable: {
    kind: 'gauge',
    name: 'tbot_injector_tbot_reachable',
    help: 'Whether the tbot of a bot and shard tells the controller how its outputs are: 1 or 0.',
    labels: ['bot', 'shard'],
  },
  uninjectedPods: {
    kind: 'gauge',
    name: 'tbot_injector_missed_pods',
    help: 'Pods in opted-in namespaces that ask for credentials and were not injected.',
    labels: [],
  },
  revokedPods: {
    kind: 'gauge',
    name: 'tbot_injector_deprived_pods',
    help: 'Pods that go on with credentials which are renewed no longer: a grant was revoked, or a label was lost.',
    labels: [],
  },
  workloadRestarts: {
    kind: 'counter',
    name: 'tbot_injector_workload_restarts_total',
    help: 'Workloads restarted as their annotation asks: `done`, or `failed` and tried again.',
    labels: ['outcome'],
  },
  unrestartable: {
    kind: 'gauge',
    name: 'tbot_injector_unrestartable_workloads',
    help: 'Workloads that ask for restarts that they cannot have; an Event on each says why.',
    labels: [],
  },
  namespaceFailures: {
    kind: 'counter',
    name: 'tbot_injector_namespace_failures_total',
    help: 'Times that Secrets or RoleBindings of one namespace could not be put right; it is tried again.',
    labels: [],
  },
  tbotRestarts: {
    kind: 'counter',
    name: 'tbot_injector_tbot_restarts_total',
    help: 'Times that the tbot of a bot and shard was restarted to read a new configuration.',
    labels: ['bot', 'shard'],
  },
  clockAhead: {
    kind: 'gauge',
    name: 'tbot_injector_clock_ahead_seconds',
    help: 'How far the clock of this controller is ahead of the API server; 0 while they agree within seconds.',
    labels: [],
  },
  buildInfo: {
    kind: 'gauge',
    name: 'tbot_injector_build_info',
    help: 'Always 1; the version of the program is its label.',
    labels: ['version'],
  },
} as const satisfies Record<string, Metric>;

export type Metric =
  | {
      readonly kind: 'counter' | 'gauge';
      readonly name: string;
      readonly help: string;
      readonly labels: Labels;
    }
  | {
      readonly kind: 'histogram';
      readonly name: string;
      readonly help: string;
      readonly labels: Labels;
      /** Upper bounds in seconds. */
      readonly buckets: readonly number[];
    };

type Labels = readonly string[];
