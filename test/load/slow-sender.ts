import { once } from 'node:events';
import { connect } from 'node:tls';

export interface Cut {
  /** The first line of the answer; empty where the connection was only closed. */
  readonly answer: string;
  /** From the start to the end of the connection. */
  readonly ms: number;
}

const HEAD =
  'POST /mutate HTTP/1.1\r\nHost: webhook\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{';

/** Begins a request, never goes on, and waits until the other side has had enough. */
export async function sendSlowly(url: string, ca: string): Promise<{ readonly cut: Promise<Cut> }> {
  const { hostname, port } = new URL(url);
  const began = performance.now();
  const socket = connect({ host: hostname, port: Number(port), ca });
  await once(socket, 'secureConnect');
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => (received += text));
  socket.on('error', () => undefined);
  socket.write(HEAD);
  const cut = once(socket, 'close').then(() => ({
    answer: received.split('\r\n', 1)[0] ?? '',
    ms: performance.now() - began,
  }));
  return { cut };
}
