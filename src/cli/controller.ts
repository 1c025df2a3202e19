import { runController } from '../app/controller.ts';
import { EXIT, type Command } from './command.ts';
import { readConfigFile, readLogLevel } from './options.ts';
import { CONTROLLER_OPTIONS, readControllerFlags } from './controller-options.ts';
import { startFailure } from './start-failure.ts';

const FIXES = { ports: 'choose another with --health-port', cluster: 'pass --kubeconfig' };

/** `controller`: does what one replica at a time has to do in a cluster, until SIGTERM. */
export const controller: Command = {
  name: 'controller',
  summary: 'Keeps certificates and credentials in a cluster; of several replicas one leads.',
  maxPositionals: 0,
  options: CONTROLLER_OPTIONS,
  async run(args, io) {
    const configFile = await readConfigFile(args, io);
    const flags = await readControllerFlags(args, process.env);
    try {
      await runController({ configFile, flags, logLevel: readLogLevel(args), stop: io.stop });
    } catch (error) {
      throw startFailure('controller', error, FIXES) ?? error;
    }
    return EXIT.fine;
  },
};
