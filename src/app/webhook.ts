import type { WebhookSettings } from '../admission/settings.ts';
import { startWebhook, type RunningWebhook } from '../admission/webhook.ts';
import type { Log } from '../telemetry/log.ts';
import { VERSION } from '../version.ts';
import { aborted, startProcess, type ProcessOptions, type ProcessParts } from './process.ts';
import { createWebhookObserver } from './webhook-observer.ts';
import { openSources, type SourceFlags, type WebhookSources } from './webhook-sources.ts';

/** What the command line decides of a webhook. */
export interface WebhookFlags extends Pick<
  WebhookSettings,
  'files' | 'clients' | 'maxInFlight' | 'maxBodyBytes' | 'host' | 'port' | 'healthPort' | 'drain'
> {
  readonly source: SourceFlags;
}

export interface WebhookOptions extends ProcessOptions {
  readonly flags: WebhookFlags;
}

/**
 * Serves admission reviews until `stop`, then drains.
 * @throws KubernetesError `configuration` without a usable cluster; the error of a port that cannot be had
 */
export async function runWebhook(options: WebhookOptions): Promise<void> {
  const parts = startProcess('webhook', options);
  const { log, metrics } = parts;
  const sources = await openSources(options.flags.source, log, metrics);
  try {
    await serve(await startWebhook(settingsOf(options, parts, sources)), log, options.stop);
  } finally {
    await sources.stop();
  }
}

function settingsOf(
  { flags, configFile: { config } }: WebhookOptions,
  { log, metrics }: ProcessParts,
  { namespaces, credentials, checks }: WebhookSources,
): WebhookSettings {
  return {
    ...flags,
    config,
    namespaces,
    credentials,
    observer: createWebhookObserver(log, metrics),
    health: { checks, metrics: () => metrics.render() },
  };
}

async function serve(running: RunningWebhook, log: Log, stop: AbortSignal): Promise<void> {
  log.info('listening for probes', { port: running.healthPort });
  const stopped = aborted(stop);
  void stopped.then(() => {
    log.info('draining');
  });
  try {
    const port = await Promise.race([running.listening, stopped]);
    if (port !== undefined) log.info('listening', { port, version: VERSION });
    await stopped;
  } finally {
    await running.stop();
  }
  log.info('closed');
}
