/** The part of a webhook configuration's entry that the controller writes. */
export interface WebhookEntry {
  readonly name: string;
  /** PEM; undefined where the entry has none. */
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
 * The JSON Patch that publishes `bundle` (PEM) in every entry that has another one; undefined where all entries have it.
 * The patch fails if the object was changed since it was read: it tests `version` and the names of the entries.
 * Server-side apply does not serve: the entry would then be owned by the controller, and Helm could not remove it.
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
