/** What every key of ours starts with: annotations of pods, labels of Namespaces. */
export const PREFIX = 'tbot-injector.io/';

/** The label by which a Namespace opts in, and its only value today. */
export const INJECTION_LABEL = `${PREFIX}injection`;
export const INJECTION_ENABLED = 'enabled';

/** Namespaces that are never injected, whoever labels them. */
export const NEVER_INJECTED: readonly string[] = ['kube-system'];
