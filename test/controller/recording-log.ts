import type { Log } from '../../src/telemetry/log.ts';
import type { LogFields } from '../../src/telemetry/fields.ts';

/** Passes every line to `take`. */
export function recordingLog(take: (event: string, fields: LogFields) => void = () => undefined): Log {
  const write = (event: string, fields: LogFields = {}): void => {
    take(event, fields);
  };
  return { debug: write, info: write, warn: write, error: write };
}
