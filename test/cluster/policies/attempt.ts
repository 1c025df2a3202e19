import type { Api, ApiResponse } from '../harness/api.ts';

/** One request that an account tries, in a table. */
export interface Attempt {
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly as?: keyof typeof CONTENT_TYPES;
}

const CONTENT_TYPES = {
  json: 'application/json',
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
  patch: 'application/json-patch+json',
} as const;

// A guardrail tells our entry of metadata.managedFields from others by it.
const OURS = 'fieldManager=tbot-injector';

/** As a dry run, which admission judges like any other request; `really` leaves that away. */
export function attempt(
  api: Api,
  { method, path, body, as = 'json' }: Attempt,
  really = false,
): Promise<ApiResponse> {
  const query = [
    ...(really ? [] : ['dryRun=All']),
    ...(as === 'apply' ? ['fieldManager=test', 'force=true'] : []),
    ...(as === 'merge' && !path.includes('fieldManager=') ? [OURS] : []),
  ];
  const separator = path.includes('?') ? '&' : '?';
  return api(method, path + separator + query.join('&'), body, CONTENT_TYPES[as]);
}

export const post = (what: string, path: string, body: unknown): Attempt => ({
  what,
  method: 'POST',
  path,
  body,
});
export const merge = (what: string, path: string, body: unknown): Attempt => ({
  what,
  method: 'PATCH',
  path,
  body,
  as: 'merge',
});
export const patch = (what: string, path: string, body: unknown): Attempt => ({
  what,
  method: 'PATCH',
  path,
  body,
  as: 'patch',
});
export const apply = (what: string, path: string, body: unknown): Attempt => ({
  what,
  method: 'PATCH',
  path,
  body,
  as: 'apply',
});
export const remove = (what: string, path: string): Attempt => ({ what, method: 'DELETE', path });
