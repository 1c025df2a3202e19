import { once } from 'node:events';
import { connect } from 'node:tls';

/** One TLS connection that is never opened again and on which nothing is sent twice. */
export interface KeptConnection {
  /** Sends a review and returns the status; rejects where the connection is no more. */
  post(path: string, body: string): Promise<number>;
  close(): void;
}

const PATIENCE_MS = 10_000;

export async function openConnection(url: string, ca: string): Promise<KeptConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), ca });
  await once(socket, 'secureConnect');
  let closed: string | undefined;
  let answered: (answer: string) => void = () => undefined;
  let failed: (error: Error) => void = () => undefined;
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    received += text;
    if (isWhole(received)) answered(received);
  });
  for (const event of ['error', 'end', 'close']) {
    socket.on(event, () => {
      closed ??= `the connection is no more: ${event}`;
      failed(new Error(closed));
    });
  }
  return {
    post: (path, body) => {
      received = '';
      const head = `POST ${path} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\n`;
      return new Promise<string>((resolve, reject) => {
        [answered, failed] = [resolve, reject];
        if (closed !== undefined) reject(new Error(closed));
        setTimeout(() => {
          reject(new Error(`no answer in ${PATIENCE_MS} ms`));
        }, PATIENCE_MS).unref();
        socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      }).then((answer) => Number(answer.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)));
    },
    close: () => socket.destroy(),
  };
}

/** Reviews are answered with a length, and in ASCII. */
function isWhole(text: string): boolean {
  const head = text.indexOf('\r\n\r\n');
  const length = /^content-length: (\d+)\r$/im.exec(text.slice(0, head + 2))?.[1];
  return head > 0 && text.length >= head + 4 + Number(length ?? Infinity);
}
