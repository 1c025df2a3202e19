#!/usr/bin/env node
import { text } from 'node:stream/consumers';

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    stop.abort();
  });
}

// A reader that has seen enough (`| head`) is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

// Only now: while it loads, a signal to the first process of a container would be lost without a handler.
const { runCommand } = await import('./cli/run.ts');
process.exitCode = await runCommand(process.argv.slice(2), {
  stdin: () => text(process.stdin),
  stdout: (line) => process.stdout.write(line),
  stderr: (line) => process.stderr.write(line),
  colours: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
  stop: stop.signal,
});
