/** Every label and annotation of ours starts with this prefix. */
export const PREFIX = 'tbot-injector.io/';

/** A Namespace opts in with this label and value. */
export const INJECTION_LABEL = `${PREFIX}injection`;
export const INJECTION_ENABLED = 'enabled';

/** Namespaces that are never injected, even with the label. */
export const NEVER_INJECTED: readonly string[] = ['kube-system'];
