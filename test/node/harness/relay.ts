import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';

import type { Sandbox } from './sandbox.ts';

/**
 * Takes connections on a loopback port of the machine to the same port inside the sandbox: a socket stays in the
 * network where it was made, so the relay runs inside with a socket from outside. It ends with the sandbox.
 */
export async function startRelay(sandbox: Sandbox, port: number): Promise<void> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch((error: unknown) => {
    throw new Error(`port ${port} of this machine, for the tests' API server, is taken`, { cause: error });
  });
  const [enter, ...args] = sandbox.enter([process.execPath, join(import.meta.dirname, 'relay-process.ts')]);
  const child = spawn(enter, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const accepting = Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('the relay into the sandbox ended at once');
    }),
  ]);
  child.send(port, server);
  await accepting;
  server.close();
  child.unref();
  child.channel?.unref();
}
