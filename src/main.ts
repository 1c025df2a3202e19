#!/usr/bin/env node
import { text } from 'node:stream/consumers';
import { runCommand } from './cli/run.ts';

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

process.exitCode = await runCommand(process.argv.slice(2), {
  stdin: () => text(process.stdin),
  stdout: (line) => process.stdout.write(line),
  stderr: (line) => process.stderr.write(line),
  colours: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
  stop: stop.signal,
});
