import { pino, stdTimeFunctions, type DestinationStream } from 'pino';
import { allowed, type LogFields } from './fields.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** `event` is a phrase of the program's own, never built from input: "review answered", "watch restarting". */
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
  /** Standard output by default, written at once: the last line before a crash is the one that is needed. */
  readonly destination?: DestinationStream;
}

/** A log that writes what `LOG_FIELDS` allows and drops the rest. */
export function createLog({ level, destination }: LogOptions): Log {
  const options = {
    level,
    // Host and process are told by Kubernetes, line by line.
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
