import { describe, expect, it } from 'vitest';
import { codeOfStatus, KubernetesError, type KubernetesErrorCode } from '../../src/kubernetes/error.ts';
import { afterWatch, type WatchEnd } from '../../src/kubernetes/watch-end.ts';

const failed = (code: KubernetesErrorCode): WatchEnd => ({
  kind: 'failed',
  error: new KubernetesError(code, ''),
});

describe('after a watch', () => {
  it.each<WatchEnd>([{ kind: 'ended' }, { kind: 'silent' }])(
    'that lived and %o, it is opened again at once',
    (end) => {
      expect(afterWatch(end, 25_000, 3)).toEqual({ relist: false, failures: 0 });
    },
  );

  it('that the server accepts and drops at once, the back-off grows', () => {
    expect(afterWatch({ kind: 'ended' }, 10, 3)).toEqual({ relist: false, failures: 4 });
  });

  it.each(['unreachable', 'timeout', 'throttled'] as const)('that was %s, its version is kept', (code) => {
    expect(afterWatch(failed(code), 0, 0)).toEqual({ relist: false, failures: 1 });
  });

  it.each(['expired', 'server', 'forbidden', 'rejected'] as const)('that was %s, LIST again', (code) => {
    expect(afterWatch(failed(code), 0, 2)).toEqual({ relist: true, failures: 3 });
    expect(afterWatch(failed(code), 60_000, 2)).toEqual({ relist: true, failures: 1 });
  });
});

it('statuses have codes', () => {
  const codes = [400, 401, 403, 409, 410, 422, 429, 500, 503].map(codeOfStatus);
  expect(codes.join(' ')).toBe(
    'rejected unauthenticated forbidden conflict expired rejected throttled server server',
  );
});
