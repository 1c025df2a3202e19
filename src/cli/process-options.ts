import { LOG_LEVELS } from '../telemetry/log.ts';
import type { Option } from './command.ts';

/** What every command takes that runs until it is stopped. */
export const HEALTH_PORT_OPTION: Option = {
  name: 'health-port',
  value: 'PORT',
  default: '8080',
  doc: 'port for /healthz, /readyz and /metrics, plain HTTP',
};

export const KUBECONFIG_OPTION: Option = {
  name: 'kubeconfig',
  value: 'FILE',
  doc: 'kubeconfig; by default that of the pod',
};

export const LOG_LEVEL_OPTION: Option = {
  name: 'log-level',
  value: 'LEVEL',
  choices: LOG_LEVELS,
  default: 'info',
  doc: `one of ${LOG_LEVELS.join(', ')}`,
};
