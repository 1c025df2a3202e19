/** A program that tests run beside Node. Its version is pinned by the go.mod of `tools/<module>`, nowhere else. */
export interface Program {
  readonly module: 'kube' | 'helm' | 'helm3' | 'helm-unittest' | 'helm-docs' | 'promtool';
  /** What `go build` is given. */
  readonly package: string;
  /** The required Go module whose version is the program's. */
  readonly versionOf: string;
  /** String variables that the program's own release build sets, so that it knows its version. */
  readonly variables: (version: string) => Readonly<Record<string, string>>;
  /** On two cores with an empty Go cache; printed before the build. */
  readonly coldBuild: string;
  /** Build tags. */
  readonly tags?: string;
}

export type ProgramName =
  'etcd' | 'kube-apiserver' | 'kubectl' | 'helm' | 'helm3' | 'helm-unittest' | 'helm-docs' | 'promtool';

export const programs: Readonly<Record<ProgramName, Program>> = {
  etcd: {
    module: 'kube',
    package: 'go.etcd.io/etcd/server/v3',
    versionOf: 'go.etcd.io/etcd/server/v3',
    variables: () => ({}),
    coldBuild: 'about a minute',
  },
  'kube-apiserver': {
    module: 'kube',
    package: 'k8s.io/kubernetes/cmd/kube-apiserver',
    versionOf: 'k8s.io/kubernetes',
    variables: kubernetesVersion,
    coldBuild: 'about 5 minutes',
  },
  kubectl: {
    module: 'kube',
    package: 'k8s.io/kubernetes/cmd/kubectl',
    versionOf: 'k8s.io/kubernetes',
    variables: kubernetesVersion,
    coldBuild: 'about 2 minutes',
  },
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
    variables: () => ({}),
    // The clients of all clouds, with which it could find targets, would be most of the build.
    tags: 'remove_all_sd',
    coldBuild: 'about 3 minutes',
  },
};

export const programNames = Object.keys(programs) as readonly ProgramName[];

/** Without these the API server calls itself v0.0.0-master, and clients and charts believe it. */
function kubernetesVersion(version: string): Record<string, string> {
  const [major = '', minor = ''] = version.replace(/^v/, '').split('.');
  const prefix = 'k8s.io/component-base/version.git';
  return { [`${prefix}Version`]: version, [`${prefix}Major`]: major, [`${prefix}Minor`]: minor };
}
