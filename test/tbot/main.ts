/**
 * A tbot of the tests' own: started as the chart starts Teleport's, as strict at its start, and with credentials that
 * are worth nothing. It proves itself to a Teleport that is one file.
 */
import { readFile } from 'node:fs/promises';
import { Agent, fetch } from 'undici';
import { readConfig, type BotConfig } from './config/config.ts';
import type { Api } from './destinations/api.ts';
import { apiFromEnvironment } from './destinations/kubeconfig.ts';
import { Fault, messageOf } from './fault.ts';
import { readAddress, readFlags, type Flags } from './flags.ts';
import { join, readAuthService, type AuthService } from './join/auth-service.ts';
import type { FetchJson } from './join/verify.ts';
import { runBot } from './run/bot.ts';
import { openLog } from './run/log.ts';
import { outputsOf } from './run/renew.ts';
import { waitUntilHealthy } from './wait.ts';

const { env } = process;

async function start(flags: Flags): Promise<void> {
  if (flags.authService === undefined) throw new Fault('the player needs --player-auth-service FILE');
  const auth = readAuthService(await readFile(flags.authService, 'utf8'));
  const config = readConfig(await readConfigText(flags));
  const address = flags.diagAddr ?? config.diagAddr;
  const fetchJson = await openIssuers(flags.issuerCa);
  let api: Api | undefined;
  const surroundings = { api: () => (api ??= apiFromEnvironment(env)), namespace: env['POD_NAMESPACE'] };
  await runBot({
    config: { ...config, oneshot: config.oneshot || flags.oneshot },
    outputs: outputsOf(config.services, surroundings),
    join: () => joinTeleport(auth, config, flags, fetchJson),
    diagnostics: address === undefined ? undefined : readAddress(address),
    everyMs: flags.everyMs,
    log: openLog(flags.logFormat),
    asked: renewalAsked,
  });
}

async function readConfigText({ config }: Flags): Promise<string> {
  if (config === undefined) return Buffer.from(env['TBOT_CONFIG'] ?? '', 'base64').toString();
  return await readFile(config, 'utf8').catch((error: unknown) => {
    throw new Fault(`failed to open file: ${config}`, { cause: error });
  });
}

const DEFAULT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** The file of the token is read each time, for the kubelet renews it. */
async function joinTeleport(
  auth: AuthService,
  { token, joinMethod, tokenPath }: BotConfig,
  { clientVersion }: Flags,
  fetchJson: FetchJson,
): Promise<void> {
  const path = tokenPath ?? env['KUBERNETES_TOKEN_PATH'] ?? DEFAULT_TOKEN;
  const idToken = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new Fault(`open ${path}: no such file or directory`, { cause: error });
  });
  const request = { token, joinMethod, clientVersion, idToken: idToken.trim() };
  await join(auth, request, { now: Date.now(), fetchJson });
}

/** With the authorities of the system, and where a file is given, with its own alone. */
async function openIssuers(caFile: string | undefined): Promise<FetchJson> {
  const ca = caFile === undefined ? undefined : await readFile(caFile, 'utf8');
  const dispatcher = new Agent({ connect: { ...(ca !== undefined && { ca }) } });
  return async (url) => {
    const answer = await fetch(url, { dispatcher, signal: AbortSignal.timeout(15_000) });
    if (!answer.ok) throw new Fault(`http status not ok: ${answer.status} ${answer.statusText}`);
    return answer.json();
  };
}

let renewal = Promise.withResolvers<undefined>();
const renewalAsked = (): Promise<void> => renewal.promise;
for (const signal of ['SIGHUP', 'SIGUSR1'] as const) {
  process.on(signal, () => {
    renewal.resolve(undefined);
    renewal = Promise.withResolvers();
  });
}

// SIGTERM has no handler, as in tbot, and ends it at once. The kernel keeps it from process 1 of a container, where Go's
// runtime ends with 2.
if (process.pid === 1) process.on('SIGTERM', () => process.exit(2));
process.on('SIGINT', () => process.exit(0));

try {
  const flags = readFlags(process.argv.slice(2), env);
  if (flags.command === 'start') await start(flags);
  else if (flags.command === 'wait') await waitUntilHealthy(flags);
  else throw new Fault(`expected command but got "${flags.command}"`);
  process.exit(0);
} catch (error) {
  process.stderr.write(`ERROR: ${messageOf(error)}\n`);
  process.exit(1);
}
