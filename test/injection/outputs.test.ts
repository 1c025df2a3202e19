import { describe, expect, it } from 'vitest';
import { fileMode } from '../../src/injection/outputs.ts';
import { readPod } from '../../src/injection/pod.ts';
import type { GrantedOutput } from '../../src/grants/output.ts';

const output: GrantedOutput = {
  name: 'db',
  bot: 'b',
  secretName: 's',
  volumeName: 'v',
  mountPath: '/x',
  requiredKeys: ['key'],
  optionalKeys: [],
  defaultMode: undefined,
  holdsPrivateKey: true,
  env: [],
};

const WARNING =
  'output db: its private key is readable by every user of the container (mode 0444), which psql and ssh refuse; set spec.securityContext.fsGroup';

/** The mode for a pod with one container per uid; null: the image decides. */
function modeOf(
  uids: readonly (number | null)[],
  security: object = {},
  settings: Partial<GrantedOutput> = {},
  os = 'linux',
): [mode: number | undefined, warning: string | undefined] {
  const containers = uids.map((runAsUser, index) => ({ name: `c${index}`, securityContext: { runAsUser } }));
  const { pod } = readPod({ spec: { containers, securityContext: security, os: { name: os } } });
  const { mode, warning } = fileMode({ ...output, ...settings }, pod, new Set(pod.containers));
  return [mode, warning];
}

describe('the mode of a private key', () => {
  it('lets the fsGroup read it', () => {
    expect(modeOf([1000], { fsGroup: 2000 })).toEqual([0o440, undefined]);
    expect(modeOf([0], { fsGroup: 0 })).toEqual([0o440, undefined]);
  });

  it('lets only root read it where all containers run as root', () => {
    expect(modeOf([0, 0])).toEqual([0o400, undefined]);
    expect(modeOf([null, 0], { runAsUser: 0 })).toEqual([0o400, undefined]);
  });

  it('lets all users read it where one container may not run as root, with a warning', () => {
    expect(modeOf([0, 1000])).toEqual([0o444, WARNING]);
    expect(modeOf([null])).toEqual([0o444, WARNING]);
    expect(modeOf([null, 1000], { runAsUser: 0 })).toEqual([0o444, WARNING]);
  });

  it('is the configured one, if there is one', () => {
    expect(modeOf([0], { fsGroup: 2000 }, { defaultMode: 0o404 })).toEqual([0o404, undefined]);
    expect(modeOf([1000], {}, { defaultMode: 0 })).toEqual([0, undefined]);
  });

  it('is not set on Windows', () => {
    expect(modeOf([null], {}, {}, 'windows')).toEqual([undefined, undefined]);
  });
});

it('a type without a private key has no warning', () => {
  expect(modeOf([null], {}, { holdsPrivateKey: false })).toEqual([0o444, undefined]);
});
