import { pino, stdTimeFunctions, type DestinationStream } from 'pino';
import { allowed, type LogFields } from './fields.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** `event` is a fixed phrase, never built from input: "review answered", "watch restarting". */
type Write = (event: string, fields?: LogFields) => void;

/** One JSON object a line: `{"level":"info","time":"2026-...Z","msg":event, ...fields}`. */
export interface Log {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** Default: standard output, unbuffered, so that the last line before a crash is not lost. */
  readonly destination?: DestinationStream;
}

/** Creates a log that writes the fields of `LOG_FIELDS` and drops all others. */
export function createLog({ level, destination }: LogOptions): Log {
  const options = {
    level,
    // Kubernetes adds pod and node to every line itself.
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger = destination === undefined ? pino(options) : pino(options, destination);
  const writer =
    (label: Exclude<LogLevel, 'silent'>): Write =>
    (event, fields = {}) => {
      if (logger.isLevelEnabled(label)) logger[label](allowed(fields), event);
    };
  return { debug: writer('debug'), info: writer('info'), warn: writer('warn'), error: writer('error') };
}
