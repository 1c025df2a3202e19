/** Where each kind of the Kubernetes API keeps its pod; an empty path: it is the pod itself. */
const POD_PATHS: ReadonlyMap<string, readonly string[]> = new Map([
  ['v1/Pod', []],
  ['apps/v1/Deployment', ['spec', 'template']],
  ['apps/v1/StatefulSet', ['spec', 'template']],
  ['apps/v1/DaemonSet', ['spec', 'template']],
  ['apps/v1/ReplicaSet', ['spec', 'template']],
  ['batch/v1/Job', ['spec', 'template']],
  ['batch/v1/CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
]);

/** Path to the pod or pod template in an object of this kind; undefined where it has none that we know. */
export function podPath(apiVersion: unknown, kind: unknown): readonly string[] | undefined {
  return typeof apiVersion === 'string' && typeof kind === 'string'
    ? POD_PATHS.get(`${apiVersion}/${kind}`)
    : undefined;
}
