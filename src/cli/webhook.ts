import { runWebhook } from '../app/webhook.ts';
import { EXIT, type Command } from './command.ts';
import { readConfigFile, readLogLevel } from './options.ts';
import { startFailure } from './start-failure.ts';
import { readWebhookFlags, WEBHOOK_OPTIONS } from './webhook-options.ts';

const FIXES = {
  ports: 'choose others with --port and --health-port',
  cluster: 'pass --kubeconfig, or --standalone to do without',
};

/** `webhook`: serves admission reviews until SIGTERM, then drains. */
export const webhook: Command = {
  name: 'webhook',
  summary: 'Serves admission reviews over TLS.',
  maxPositionals: 0,
  options: WEBHOOK_OPTIONS,
  async run(args, io) {
    const configFile = await readConfigFile(args, io);
    const flags = await readWebhookFlags(args);
    try {
      await runWebhook({ configFile, flags, logLevel: readLogLevel(args), stop: io.stop });
    } catch (error) {
      throw startFailure('webhook', error, FIXES) ?? error;
    }
    return EXIT.fine;
  },
};
