import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { fault, type Fault } from './faults.ts';

/** The clients that may send reviews, where a client certificate is asked for. */
export interface AllowedClients {
  /** PEM bundle of the CAs that sign client certificates. */
  readonly ca: string;
  /** Common names of the certificates, such as the API server's; at least one. */
  readonly names: readonly string[];
}

/**
 * Why a sender is turned away; undefined where it is let in. The handshake accepts every client, so that one that is
 * turned away reads the reason and does not only see a broken connection.
 */
export function clientFault(request: IncomingMessage, allowed: AllowedClients): Fault | undefined {
  const { socket } = request;
  if (!(socket instanceof TLSSocket)) return fault('forbidden', 'a connection without TLS');
  const certificate = socket.getPeerCertificate();
  // Without a certificate node gives an object without fields, whatever its types say.
  const subject = certificate.subject as { CN?: string | string[] } | undefined;
  if (subject === undefined) return fault('forbidden', 'no client certificate');
  if (!socket.authorized) return fault('forbidden', 'a client certificate of another CA');
  if (typeof subject.CN === 'string' && allowed.names.includes(subject.CN)) return undefined;
  return fault('forbidden', `a client certificate for ${String(subject.CN)}`);
}
