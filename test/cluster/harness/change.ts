import type { Api } from './api.ts';

const MERGE = 'application/merge-patch+json';

/** A request that has to succeed. */
export async function change(
  api: Api,
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<void> {
  const answer = await api(method, path, body, method === 'PATCH' ? MERGE : undefined);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
}
