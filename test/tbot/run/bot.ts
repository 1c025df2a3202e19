import type { BotConfig } from '../config/config.ts';
import { Fault, messageOf, within } from '../fault.ts';
import { serveDiagnostics } from './diagnostics.ts';
import { runOnInterval } from './interval.ts';
import type { Log } from './log.ts';
import { Metrics } from './metrics.ts';
import { Readiness } from './readiness.ts';
import { initDestinations, reasonOf, writeCredential, type Output } from './renew.ts';

export interface BotOptions {
  readonly config: BotConfig;
  readonly outputs: readonly Output[];
  /** Proves itself to Teleport; an identity of this kind has to do so at each renewal. */
  readonly join: () => Promise<void>;
  readonly diagnostics: { readonly host: string; readonly port: number } | undefined;
  /** In place of every interval of tbot.yaml. */
  readonly everyMs: number | undefined;
  readonly log: Log;
  /** Resolves when a signal asks for a renewal. */
  readonly asked: () => Promise<void>;
}

const INTERNAL = ['heartbeat', 'ca-rotation'];
/** Of the bot's identity, and of an output. */
const TRIES = { identity: 7, output: 5 };

/** `tbot start`: returns for a one-shot bot alone; throws with what ends it. */
export async function runBot(options: BotOptions): Promise<void> {
  const { config, outputs, log } = options;
  for (const warning of config.warnings) log('WARN', warning);
  const failed = await initDestinations(outputs);
  if (failed !== undefined) throw failed.error;
  log('INFO', 'Initializing bot identity');
  if (config.token === '') throw new Fault('no existing identity found on disk or join token configured');
  await options.join().catch((error: unknown) => {
    throw within('initializing identity service', within('joining with token', error));
  });
  log('INFO', 'Identity initialized successfully');
  if (config.oneshot) {
    for (const output of outputs) await writeCredential(output, 1);
    return;
  }
  log('INFO', 'Initialization complete. Starting services');
  await runServices(options);
}

async function runServices(options: BotOptions): Promise<never> {
  const { config, outputs, everyMs, asked, log, diagnostics } = options;
  const readiness = new Readiness();
  const metrics = new Metrics();
  readiness.restart('identity', ...INTERNAL, ...config.services.map(({ name }) => name));
  if (diagnostics !== undefined) {
    const { url } = await serveDiagnostics({ ...diagnostics, readiness, metrics });
    log('INFO', 'diagnostics service will be starting', { addr: url });
  }
  for (const name of ['identity', ...INTERNAL]) readiness.report(name, 'healthy');
  const reporter = (name: string, task: string, reason: (error: unknown) => string | undefined) => {
    return (error: unknown): void => {
      metrics.count(name, task, error === undefined ? 'successful' : 'failed');
      if (error === undefined) readiness.report(name, 'healthy');
      else readiness.report(name, 'unhealthy', reason(error));
      if (error !== undefined) log('WARN', messageOf(error), { service: name });
    };
  };
  let expiresAt = Date.now() + config.ttlMs;
  const identity = runOnInterval({
    attempt: async () => {
      await options.join().catch((error: unknown) => {
        throw within('renewing identity', error);
      });
      expiresAt = Date.now() + config.ttlMs;
    },
    report: reporter('identity', 'bot-identity-renewal', messageOf),
    intervalMs: everyMs ?? config.renewalMs,
    tries: TRIES.identity,
    waitsFirst: true,
    asked,
  });
  const loops = outputs.map((output) => {
    let round = 0;
    return runOnInterval({
      attempt: async () => {
        if (Date.now() > expiresAt)
          throw new Fault('generating identity: certificate of the bot has expired');
        await writeCredential(output, ++round);
      },
      report: reporter(output.service.name, 'output-renewal', (error) => reasonOf(output.service, error)),
      intervalMs: everyMs ?? output.service.renewalMs ?? config.renewalMs,
      tries: TRIES.output,
      asked,
    });
  });
  // Listeners are not played, and count as healthy, so that what waits for all goes on.
  const played = new Set(outputs.map(({ service }) => service.name));
  for (const { name } of config.services) if (!played.has(name)) readiness.report(name, 'healthy');
  return await Promise.race([identity, ...loops]);
}
