export type Level = 'INFO' | 'WARN' | 'ERROR';

export type Log = (level: Level, message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** On standard error, as tbot. */
export function openLog(format: 'text' | 'json'): Log {
  return (level, message, fields = {}) => {
    const timestamp = new Date().toISOString();
    if (format === 'json') {
      const component = 'tbot';
      process.stderr.write(
        `${JSON.stringify({ timestamp, level: level.toLowerCase(), component, message, ...fields })}\n`,
      );
      return;
    }
    const more = Object.entries(fields).map(([name, value]) => ` ${name}:${String(value)}`);
    process.stderr.write(`${timestamp} ${level.padEnd(4)} [TBOT] ${message}${more.join('')}\n`);
  };
}
