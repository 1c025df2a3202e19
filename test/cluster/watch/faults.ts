import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { openFailingCache } from './failing-cache.ts';
import type { Fault, Stage } from './trial.ts';

const GONE = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 410, message: 'too old' };
const ONCE = { test: 0, script: 0 };

/** Faults of the network and of a faulty server. Each has a proxy of its own, so they can run together. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'a black hole after the headers, for all connections there are',
    seconds: ONCE,
    begin: async ({ proxy, client }) => {
      // Idle connections, which would be used for the next watch.
      await Promise.all([1, 2, 3].map(() => client.getJson('/api/v1/namespaces/default')));
      proxy.wire.blackHole();
    },
  },
  {
    name: 'a black hole for all connections, new ones too',
    seconds: { test: 12, script: 60 },
    begin: ({ proxy }) => {
      proxy.wire.blackHole();
      proxy.wire.onConnect = 'swallow';
    },
    end: ({ proxy }) => {
      proxy.wire.onConnect = 'pass';
    },
  },
  {
    name: 'a watch that is never answered',
    seconds: { test: 4, script: 60 },
    begin: ({ proxy }) => {
      proxy.onWatch = () => undefined;
      proxy.wire.reset();
    },
    end: pass,
  },
  {
    name: 'a reset in the middle of a line',
    seconds: ONCE,
    begin: onFirstEvent((event, response, { proxy }) => {
      response.write(half(event), () => {
        proxy.wire.reset();
      });
    }),
  },
  {
    name: 'half a line, and the rest of the stream',
    seconds: ONCE,
    begin: onFirstEvent((event, response) => response.write(half(event))),
  },
  {
    name: 'half a line with its line feed, and the rest of the stream',
    seconds: ONCE,
    begin: onFirstEvent((event, response) => response.write(`${half(event).toString()}\n`)),
  },
  {
    name: 'half a line, and an end in good order',
    seconds: ONCE,
    begin: onFirstEvent((event, response) => response.end(half(event))),
  },
  {
    name: 'garbage in place of an event',
    seconds: ONCE,
    begin: onFirstEvent((event, response) => response.write(randomBytes(event.length))),
  },
  {
    name: 'a line that never ends',
    seconds: ONCE,
    begin: onFirstEvent((_, response) => {
      const more = (): void => {
        if (!response.destroyed) response.write(Buffer.alloc(256 * 1024, 'x'), more);
      };
      more();
    }),
  },
  drift('a login page in place of every answer', { test: 4, script: 30 }, (response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>\n<body>Sign in</body>\n</html>\n');
  }),
  drift('HTTP 410', { test: 4, script: 30 }, (response) => {
    response.writeHead(410, { 'content-type': 'application/json' }).end(JSON.stringify(GONE));
  }),
  drift('HTTP 500', { test: 4, script: 60 }, (response) => response.writeHead(500).end('etcd is sad')),
  drift('HTTP 429 with Retry-After: 2', { test: 5, script: 30 }, (response) =>
    response.writeHead(429, { 'retry-after': '2' }).end('too many requests'),
  ),
  {
    name: 'an ERROR event with 410',
    seconds: { test: 4, script: 30 },
    begin: ({ proxy }) => {
      proxy.onWatch = (response) => {
        response.writeHead(200).write(`${JSON.stringify({ type: 'ERROR', object: GONE })}\n`);
      };
      proxy.wire.reset();
    },
    end: pass,
  },
  {
    name: 'connections refused',
    seconds: { test: 6, script: 60 },
    begin: ({ proxy }) => {
      proxy.wire.refuse();
    },
    end: ({ proxy }) => proxy.wire.listen(),
  },
  {
    name: 'connections accepted and dropped',
    seconds: { test: 6, script: 60 },
    begin: ({ proxy }) => {
      proxy.wire.onConnect = 'drop';
      proxy.wire.reset();
    },
    end: ({ proxy }) => {
      proxy.wire.onConnect = 'pass';
    },
  },
  {
    name: 'a LIST that takes 12 s',
    seconds: { test: 6, script: 60 },
    begin: ({ proxy }) => {
      proxy.onList = (_, answer) => void setTimeout(answer, 12_000);
      proxy.onWatch = (response) => response.writeHead(410).end();
      proxy.wire.reset();
    },
    end: pass,
  },
  {
    name: 'a handler that throws',
    seconds: ONCE,
    begin: () => undefined,
    open: (client, onReport) => openFailingCache(client, onReport, 'throws'),
  },
  {
    name: 'a handler that rejects',
    seconds: ONCE,
    begin: () => undefined,
    open: (client, onReport) => openFailingCache(client, onReport, 'rejects'),
  },
];

/** One answer to every request, until the end of the fault. */
function drift(
  name: string,
  seconds: Fault['seconds'],
  answer: (response: ServerResponse) => unknown,
): Fault {
  const begin = ({ proxy }: Stage): void => {
    proxy.onList = proxy.onWatch = (response) => void answer(response);
    proxy.wire.reset();
  };
  return { name, seconds, begin, end: pass };
}

function pass({ proxy }: Stage): void {
  proxy.onList = proxy.onWatch = undefined;
}

/** Damages the first event of this trial's new namespace. */
function onFirstEvent(damage: (event: Buffer, response: ServerResponse, stage: Stage) => unknown) {
  return (stage: Stage): void => {
    const { proxy, name } = stage;
    proxy.onEvent = (event, response) => {
      if (event.includes(`"${name}-new"`)) {
        proxy.onEvent = undefined;
        damage(event, response, stage);
      } else response.write(event);
    };
  };
}

function half(event: Buffer): Buffer {
  return event.subarray(0, event.length >> 1);
}
