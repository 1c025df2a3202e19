import { consumer, joiner, type Pod } from './pods.ts';

/** A pod that is not what it asks for. */
export interface Dishonest {
  readonly what: string;
  /** Part of what its author is told. */
  readonly told: string;
  readonly pod: Pod;
}

type Change = (pod: Pod) => void;

const APP = 1;
const OUTPUTS = 'tbot-injector.io/outputs';
const CONTAINERS = 'tbot-injector.io/containers';
const JOIN = 'tbot-injector.io/join';
const CONFIG = 'tbot-injector.io/tbot-config';

const annotate =
  (key: string, value: string): Change =>
  (pod) =>
    (pod.metadata.annotations[key] = value);
const container = (pod: Pod) => [...pod.spec.initContainers, ...pod.spec.containers][APP];
const mount = (pod: Pod, index = 0) => container(pod)?.volumeMounts?.[index] ?? fail();
const secret = (pod: Pod) => pod.spec.volumes[0]?.secret ?? fail();
const sources = (pod: Pod) => pod.spec.volumes[1]?.projected?.sources ?? fail();
const source = (pod: Pod) => sources(pod)[0]?.secret ?? fail();
const join = (pod: Pod) => pod.spec.volumes[0]?.projected ?? fail();
const token = (pod: Pod) => join(pod).sources[0]?.serviceAccountToken ?? fail();
const joinMount = (pod: Pod, index: number) => pod.spec.containers[0]?.volumeMounts?.[index] ?? fail();

function fail(): never {
  throw new Error('the pod of the table has changed');
}

const AT = 'at /identity-output';
const NOT_SOUND =
  'volume tbot-output-identity-output is not there, or not what output "identity-output" gives';
const NO_SVID = 'volume tbot-output-svid is not there, or not what output "svid" gives';
const NO_TOKEN = 'volume join-sa-token is not a service account token for example.teleport.sh';
const NO_CONFIG = 'volume tbot-config is not ConfigMap own';

const CONSUMERS: readonly (readonly [what: string, told: string, change: Change])[] = [
  [
    'an init container without mounts',
    `init does not mount read-only tbot-output-identity-output ${AT}`,
    (pod) => (pod.spec.initContainers[0] = { name: 'init', image: 'x' }),
  ],
  [
    'a container without one of the mounts',
    'app does not mount read-only tbot-output-svid at /var/run/teleport/svid',
    (pod) => container(pod)?.volumeMounts?.pop(),
  ],
  [
    'a container that was added later',
    `late does not mount read-only tbot-output-identity-output ${AT}`,
    (pod) => pod.spec.containers.push({ name: 'late', image: 'x' }),
  ],
  [
    'a mount at another path',
    `app does not mount read-only tbot-output-identity-output ${AT}`,
    (pod) => (mount(pod).mountPath = '/elsewhere'),
  ],
  [
    'mounts that have changed places',
    `app does not mount read-only tbot-output-identity-output ${AT}`,
    (pod) =>
      ([mount(pod).mountPath, mount(pod, 1).mountPath] = [mount(pod, 1).mountPath, mount(pod).mountPath]),
  ],
  [
    'one output mounted twice',
    'app does not mount read-only tbot-output-svid',
    (pod) => Object.assign(mount(pod, 1), { name: mount(pod).name, mountPath: '/identity-output/' }),
  ],
  [
    'a path that the annotation does not give',
    'at /asked',
    annotate(OUTPUTS, 'identity-output=/asked, svid'),
  ],
  [
    'a writable mount',
    `app does not mount read-only tbot-output-identity-output ${AT}`,
    (pod) => delete mount(pod).readOnly,
  ],
  [
    'a mount by subPath',
    `app does not mount read-only tbot-output-identity-output ${AT}`,
    (pod) => (mount(pod).subPath = 'identity'),
  ],
  ['another Secret', NOT_SOUND, (pod) => (secret(pod).secretName = 'tbot-svid')],
  ['an optional Secret', NOT_SOUND, (pod) => (secret(pod).optional = true)],
  ['a Secret without items', NOT_SOUND, (pod) => delete secret(pod).items],
  ['a Secret without one of its keys', NOT_SOUND, (pod) => secret(pod).items?.pop()],
  [
    'a key under another name',
    NOT_SOUND,
    (pod) => Object.assign(secret(pod).items?.[0] ?? fail(), { path: 'other' }),
  ],
  [
    'one more key that covers another',
    NOT_SOUND,
    (pod) => secret(pod).items?.push({ key: 'key.pub', path: 'identity' }),
  ],
  [
    'an emptyDir of that name',
    NOT_SOUND,
    (pod) => (pod.spec.volumes[0] = { name: 'tbot-output-identity-output', emptyDir: {} }),
  ],
  [
    'a ConfigMap of that name',
    NOT_SOUND,
    (pod) => (pod.spec.volumes[0] = { name: 'tbot-output-identity-output', configMap: { name: 'x' } }),
  ],
  ['an optional source', NO_SVID, (pod) => (source(pod).optional = true)],
  [
    'sources without keys',
    NO_SVID,
    (pod) => {
      for (const { secret: each } of sources(pod)) delete each?.items;
    },
  ],
  ['a source of another Secret', NO_SVID, (pod) => (source(pod).name = 'other')],
  [
    'a source more',
    NO_SVID,
    (pod) => sources(pod).push({ secret: { name: 'own', items: [{ key: 'own', path: 'own' }] } }),
  ],
  [
    'a source more that is no Secret',
    NO_SVID,
    (pod) => sources(pod).push({ serviceAccountToken: { path: 'svid.pem', expirationSeconds: 600 } }),
  ],
  ['projected from nothing', NO_SVID, (pod) => sources(pod).splice(0)],
  [
    'an empty selection of containers',
    `${CONTAINERS} names "", which the pod does not have`,
    annotate(CONTAINERS, ''),
  ],
  [
    'an unknown container',
    `${CONTAINERS} names "ap", which the pod does not have`,
    annotate(CONTAINERS, 'app, ap'),
  ],
  [
    'an ignored container that is named',
    'istio-proxy does not mount read-only',
    annotate(CONTAINERS, 'istio-proxy'),
  ],
  [
    'nothing but ignored containers',
    'no container is left that the outputs could be mounted in',
    (pod) => Object.assign(pod.spec, { initContainers: [], containers: pod.spec.containers.slice(2) }),
  ],
  [
    'an output that there is none of',
    'volume tbot-output-nope is not there, or not what output "nope" gives',
    annotate(OUTPUTS, 'identity-output, svid, nope'),
  ],
  ['an empty list of outputs', 'volume tbot-output- is not there', annotate(OUTPUTS, '')],
  ['a path without a name', 'volume tbot-output- is not there', annotate(OUTPUTS, '=/x')],
  [
    'an annotation that is not known',
    'annotation tbot-injector.io/output is not known',
    annotate('tbot-injector.io/output', 'svid'),
  ],
  [
    'a record in place of what it records',
    NOT_SOUND,
    (pod) => {
      pod.spec.volumes.shift();
      pod.spec.initContainers[0] = { name: 'init', image: 'x' };
      for (const each of pod.spec.containers) each.volumeMounts?.shift();
      pod.metadata.annotations['tbot-injector.io/injected'] = '{"outputs":["identity-output","svid"]}';
    },
  ],
  [
    'containers alone',
    `${CONTAINERS} says nothing without ${OUTPUTS}`,
    (pod) => (pod.metadata.annotations = { [CONTAINERS]: 'app' }),
  ],
];

const JOINERS: typeof CONSUMERS = [
  [
    'no token',
    NO_TOKEN,
    (pod) =>
      Object.assign(pod.spec, { volumes: [pod.spec.volumes[1]], containers: [{ name: 'tbot', image: 'x' }] }),
  ],
  ['a token for another audience', NO_TOKEN, (pod) => (token(pod).audience = 'evil.example')],
  ['a token for the API server', NO_TOKEN, (pod) => delete token(pod).audience],
  ['a token of another name', NO_TOKEN, (pod) => (token(pod).path = 'token')],
  ['a source beside the token', NO_TOKEN, (pod) => join(pod).sources.push({ secret: { name: 'own' } })],
  [
    'a token elsewhere',
    'tbot does not mount read-only join-sa-token at /var/run/secrets/tokens',
    (pod) => (joinMount(pod, 0).mountPath = '/tokens'),
  ],
  [
    'a writable token',
    'tbot does not mount read-only join-sa-token',
    (pod) => (joinMount(pod, 0).readOnly = false),
  ],
  [
    'one more container that joins',
    'other does not mount read-only join-sa-token at /var/run/secrets/tokens, tbot-config at /etc/tbot',
    annotate(JOIN, 'tbot, other'),
  ],
  [
    'an unknown container that joins',
    `${JOIN} names "tbto", which the pod does not have`,
    annotate(JOIN, 'tbto'),
  ],
  ['no container that joins', `${JOIN} names "", which the pod does not have`, annotate(JOIN, '')],
  [
    'another ConfigMap',
    NO_CONFIG,
    (pod) => Object.assign(pod.spec.volumes[1]?.configMap ?? fail(), { name: 'other' }),
  ],
  [
    'an optional ConfigMap',
    NO_CONFIG,
    (pod) => Object.assign(pod.spec.volumes[1]?.configMap ?? fail(), { optional: true }),
  ],
  [
    'a configuration elsewhere',
    'tbot does not mount read-only tbot-config at /etc/tbot',
    (pod) => (joinMount(pod, 1).mountPath = '/config'),
  ],
  [
    'a configuration alone',
    `${CONFIG} says nothing without ${JOIN}`,
    (pod) => (pod.metadata.annotations = { [CONFIG]: 'own' }),
  ],
];

const changed = (make: () => Pod, rows: typeof CONSUMERS): Dishonest[] =>
  rows.map(([what, told, change]) => {
    const pod = make();
    change(pod);
    return { what, told, pod };
  });

export const DISHONEST: readonly Dishonest[] = [...changed(consumer, CONSUMERS), ...changed(joiner, JOINERS)];
