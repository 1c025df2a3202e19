import { describe, expect, it } from 'vitest';
import { startFailure } from '../../src/cli/start-failure.ts';

const FIXES = { ports: 'choose another', cluster: 'pass --kubeconfig' };
const failure = (fields: object): unknown =>
  startFailure('webhook', Object.assign(new Error('why'), fields), FIXES)?.message;

describe('a start that fails', () => {
  it.each([
    [
      { code: 'EADDRINUSE', port: 80 },
      'webhook: found port 80 that is in use; expected a free one. Fix: choose another',
    ],
    [
      { code: 'EACCES', port: 80 },
      'webhook: found port 80 that this user may not open; expected a free one. Fix: choose another',
    ],
    [
      { code: 'EADDRNOTAVAIL' },
      'webhook: found a --host that this machine does not have; expected one of its addresses',
    ],
    [
      { code: 'configuration' },
      'webhook: found no usable kubeconfig (why); expected a cluster. Fix: pass --kubeconfig',
    ],
  ])('names the flags that can mend it: %o', (fields, message) => {
    expect(failure(fields)).toBe(message);
  });

  it.each([{}, { code: 'EACCES' }, { code: 'unreachable' }])(
    'is no wrong use if no flag can mend it: %o',
    (fields) => {
      expect(failure(fields)).toBeUndefined();
    },
  );
});
