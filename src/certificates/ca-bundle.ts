/** The part of a webhook configuration's entry that is ours. */
export interface WebhookEntry {
  readonly name: string;
  /** PEM; undefined where it has none. */
  readonly bundle: string | undefined;
}

export interface BundleOperation {
  readonly op: 'test' | 'add';
  readonly path: string;
  readonly value: string;
}

/** The entries of a Mutating- or ValidatingWebhookConfiguration, in their order. */
export function readEntries(configuration: unknown): readonly WebhookEntry[] {
  const { webhooks } = (configuration ?? {}) as { webhooks?: unknown };
  if (!Array.isArray(webhooks)) return [];
  return (webhooks as readonly (WireEntry | null)[]).map((entry) => {
    const bundle = entry?.clientConfig?.caBundle;
    return {
      name: typeof entry?.name === 'string' ? entry.name : '',
      bundle: typeof bundle === 'string' ? Buffer.from(bundle, 'base64').toString() : undefined,
    };
  });
}

interface WireEntry {
  readonly name?: unknown;
  readonly clientConfig?: { readonly caBundle?: unknown } | null;
}

/**
 * The JSON Patch that publishes `bundle` (PEM) in every entry which has another; undefined where all have it. It holds
 * for the object as it was read only: `version` and the names of the entries are tested in the same breath. JSON Patch
 * and no apply: an applied caBundle makes an entry ours, and Helm then cannot drop it any more.
 */
export function bundlePatch(
  entries: readonly WebhookEntry[],
  version: string,
  bundle: string,
): readonly BundleOperation[] | undefined {
  const operations = entries.flatMap((entry, index): BundleOperation[] => {
    if (entry.bundle === bundle) return [];
    return [
      { op: 'test', path: `/webhooks/${index}/name`, value: entry.name },
      {
        op: 'add',
        path: `/webhooks/${index}/clientConfig/caBundle`,
        value: Buffer.from(bundle).toString('base64'),
      },
    ];
  });
  if (operations.length === 0) return undefined;
  return [{ op: 'test', path: '/metadata/resourceVersion', value: version }, ...operations];
}
