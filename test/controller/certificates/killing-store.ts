import type { CertificateStore } from '../../../src/controller/certificates/certificate-store.ts';

/** Ends the work of a process that was killed. */
export class Killed extends Error {}

/**
 * A store whose user is killed at every write: at first just before it, with the next try just after it, and so on.
 * After that every call throws, a read as well, until `revive`.
 */
export function killing(store: CertificateStore): CertificateStore & { revive(): void } {
  let attempts = 0;
  let isDead = false;
  const alive = (): void => {
    if (isDead) throw new Killed('dead');
  };
  const kill = async <T>(write: () => Promise<T>): Promise<T> => {
    alive();
    isDead = true;
    if (attempts++ % 2 === 1) await write();
    throw new Killed('killed');
  };
  return {
    read: async () => {
      alive();
      return store.read();
    },
    writeAuthority: (change, version) => kill(() => store.writeAuthority(change, version)),
    writeServing: (change, version) => kill(() => store.writeServing(change, version)),
    publish: (bundle, configurations) => kill(() => store.publish(bundle, configurations)),
    revive: () => {
      isDead = false;
    },
  };
}
