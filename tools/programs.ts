/** A program that tests run beside Node. Its version is pinned by the go.mod of `tools/<module>`, nowhere else. */
export interface Program {
  readonly module: 'kube' | 'node' | 'helm' | 'helm3' | 'helm-unittest' | 'helm-docs' | 'promtool';
  /** What `go build` is given. */
  readonly package: string;
  /** The required Go module whose version is the program's. */
  readonly versionOf: string;
  /** String variables that the program's own release build sets, so that it knows its version. */
  readonly variables?: (version: string) => Readonly<Record<string, string>>;
  /** On two cores with an empty Go cache; printed before the build. */
  readonly coldBuild: string;
  /** Build tags. */
  readonly tags?: string;
  /** Debian packages of C libraries that are linked in, statically. A program without them is built without C. */
  readonly cLibraries?: readonly string[];
}

/** What a cluster of an API server alone is made of. */
const controlPlane = ['etcd', 'kube-apiserver', 'kubectl', 'helm', 'helm3'] as const;

/** The programs that are found, and built, together: by the tests that need them. */
export const programSets = {
  cluster: [...controlPlane, 'helm-unittest', 'helm-docs', 'promtool'],
  node: [
    ...controlPlane,
    'kube-controller-manager',
    'kube-scheduler',
    'kube-proxy',
    'kubelet',
    'containerd',
    'containerd-shim-runc-v2',
    'ctr',
    'runc',
    'bridge',
    'host-local',
    'loopback',
    'pause',
  ],
} as const;

export type ProgramSet = keyof typeof programSets;

/** The names of the programs of a set, or of several. */
export type ProgramOf<S extends ProgramSet> = (typeof programSets)[S][number];

export type ProgramName = ProgramOf<ProgramSet>;

export const programs: Readonly<Record<ProgramName, Program>> = {
  etcd: {
    module: 'kube',
    package: 'go.etcd.io/etcd/server/v3',
    versionOf: 'go.etcd.io/etcd/server/v3',
    coldBuild: 'about a minute',
  },
  'kube-apiserver': kubernetes('kube-apiserver', 'about 5 minutes'),
  kubectl: kubernetes('kubectl', 'about 2 minutes'),
  'kube-controller-manager': kubernetes('kube-controller-manager', 'about 5 minutes'),
  'kube-scheduler': kubernetes('kube-scheduler', 'about 3 minutes'),
  'kube-proxy': kubernetes('kube-proxy', 'about 2 minutes'),
  kubelet: kubernetes('kubelet', 'about 5 minutes'),
  helm: {
    module: 'helm',
    package: 'helm.sh/helm/v4/cmd/helm',
    versionOf: 'helm.sh/helm/v4',
    variables: (version) => ({ 'helm.sh/helm/v4/internal/version.version': version }),
    coldBuild: 'about a minute',
  },
  // Without a cluster to ask (`helm3 template`) this build takes Kubernetes for 1.20: pass --kube-version there.
  helm3: {
    module: 'helm3',
    package: 'helm.sh/helm/v3/cmd/helm',
    versionOf: 'helm.sh/helm/v3',
    variables: (version) => ({ 'helm.sh/helm/v3/internal/version.version': version }),
    coldBuild: 'about a minute',
  },
  'helm-unittest': {
    module: 'helm-unittest',
    package: 'github.com/helm-unittest/helm-unittest/cmd/helm-unittest',
    versionOf: 'github.com/helm-unittest/helm-unittest',
    variables: (version) => ({
      'github.com/helm-unittest/helm-unittest/internal/build.version': version.replace(/^v/, ''),
    }),
    coldBuild: 'about a minute',
  },
  // Writes the README of the chart from the comments of its values.
  'helm-docs': {
    module: 'helm-docs',
    package: 'github.com/norwoodj/helm-docs/cmd/helm-docs',
    versionOf: 'github.com/norwoodj/helm-docs',
    variables: (version) => ({ 'main.version': version.replace(/^v/, '') }),
    coldBuild: 'half a minute',
  },
  promtool: {
    module: 'promtool',
    package: 'github.com/prometheus/prometheus/cmd/promtool',
    versionOf: 'github.com/prometheus/prometheus',
    // The clients of all clouds, with which it could find targets, would be most of the build.
    tags: 'remove_all_sd',
    coldBuild: 'about 3 minutes',
  },
  containerd: containerd('containerd'),
  'containerd-shim-runc-v2': containerd('containerd-shim-runc-v2'),
  ctr: containerd('ctr'),
  runc: {
    module: 'node',
    package: 'github.com/opencontainers/runc',
    versionOf: 'github.com/opencontainers/runc',
    coldBuild: 'half a minute',
    // Pods under Pod Security "restricted" ask for the seccomp profile RuntimeDefault, which a runc without it refuses.
    tags: 'seccomp',
    cLibraries: ['libseccomp-dev'],
  },
  bridge: networkPlugin('main/bridge'),
  loopback: networkPlugin('main/loopback'),
  'host-local': networkPlugin('ipam/host-local'),
  // Holds the namespaces of a pod. The project's own: the source of Kubernetes' is C.
  pause: {
    module: 'node',
    package: './pause',
    versionOf: 'github.com/opencontainers/runc',
    coldBuild: 'a second',
  },
};

function kubernetes(command: string, coldBuild: string): Program {
  return {
    module: 'kube',
    package: `k8s.io/kubernetes/cmd/${command}`,
    versionOf: 'k8s.io/kubernetes',
    variables: kubernetesVersion,
    coldBuild,
  };
}

function containerd(command: string): Program {
  const versionOf = 'github.com/containerd/containerd/v2';
  return {
    module: 'node',
    package: `${versionOf}/cmd/${command}`,
    versionOf,
    variables: (version) => ({ [`${versionOf}/version.Version`]: version }),
    coldBuild: 'half a minute',
  };
}

function networkPlugin(path: string): Program {
  const versionOf = 'github.com/containernetworking/plugins';
  return {
    module: 'node',
    package: `${versionOf}/plugins/${path}`,
    versionOf,
    coldBuild: 'a few seconds',
  };
}

/** Without these the API server calls itself v0.0.0-master, and clients and charts believe it. */
function kubernetesVersion(version: string): Record<string, string> {
  const [major = '', minor = ''] = version.replace(/^v/, '').split('.');
  const prefix = 'k8s.io/component-base/version.git';
  return { [`${prefix}Version`]: version, [`${prefix}Major`]: major, [`${prefix}Minor`]: minor };
}
