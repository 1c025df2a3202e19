import { createLog, type Log, type LogLevel } from '../telemetry/log.ts';
import { createMetrics, type Metrics, type MetricsOptions } from '../telemetry/metrics.ts';
import { VERSION } from '../version.ts';
import { followConfig, type ConfigFile, type FollowedConfig } from './follow-config.ts';

/** What every process is given that runs until it is stopped. */
export interface ProcessOptions {
  readonly configFile: ConfigFile;
  readonly logLevel: LogLevel;
  /** Ends the process in order. */
  readonly stop: AbortSignal;
}

export interface ProcessParts {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly followedConfig: FollowedConfig;
}

/** Log, metrics, and the configuration file followed until `stop`. */
export function startProcess(
  process: MetricsOptions['process'],
  { configFile, logLevel, stop }: ProcessOptions,
): ProcessParts {
  const { countByNamespace } = configFile.config.telemetry;
  const log = createLog({ level: logLevel });
  const metrics = createMetrics({ version: VERSION, process, countByNamespace });
  return { log, metrics, followedConfig: followConfig({ ...configFile, log, metrics, stop }) };
}

/** Resolves when the signal fires, at once where it has. */
export function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => {
      resolve(undefined);
    });
  });
}
