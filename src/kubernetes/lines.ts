import { KubernetesError } from './error.ts';

/** Far above the 1.5 MiB that etcd takes for an object; without a limit an endless line would fill the memory. */
const LONGEST_LINE = 8 * 1024 * 1024;

/**
 * The lines of a body, each as soon as it is whole. A body that is no UTF-8, and one that ends within a line, are
 * errors: what is half a line here was an event when it was sent.
 * @throws KubernetesError `malformed`, and what `body` throws
 */
export async function* linesOf(
  where: string,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let rest = '';
  for await (const chunk of body) {
    const [first = '', ...more] = decode(where, decoder, chunk).split('\n');
    // Only the new text is searched: an object of a megabyte comes in a hundred pieces.
    rest += first;
    for (const next of more) {
      yield rest;
      rest = next;
    }
    if (rest.length > LONGEST_LINE) throw new KubernetesError('malformed', `${where}: a line without an end`);
  }
  if (rest !== '') throw new KubernetesError('malformed', `${where}: it ends in the middle of a line`);
}

function decode(where: string, decoder: InstanceType<typeof TextDecoder>, chunk: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: true });
  } catch {
    throw new KubernetesError('malformed', `${where}: bytes that are no UTF-8`);
  }
}
