import type { Cluster } from '../harness/cluster.ts';
import { OUTPUTS, type CredentialScene } from '../harness/credential-scene.ts';

/** The outcome of a number of rounds in which tbot renewed everything. */
export interface Tally {
  rounds: number;
  /** Applies that were refused because another manager owns a field. */
  fieldConflicts: number;
  /** Applies that were refused because another write came between tbot's GET and its apply; the next round repeats them. */
  overtaken: number;
  readonly otherFaults: string[];
}

export function newTally(): Tally {
  return { rounds: 0, fieldConflicts: 0, overtaken: 0, otherFaults: [] };
}

/** One round, counted; resolves to whether all of it was written. */
export async function renewOnce({ tbot }: CredentialScene, tally: Tally): Promise<boolean> {
  const faults = await tbot.renew();
  tally.rounds++;
  for (const fault of faults.values()) {
    if (/^Apply failed with \d+ conflict/.test(fault)) tally.fieldConflicts++;
    else if (fault.includes('the object has been modified')) tally.overtaken++;
    else tally.otherFaults.push(fault);
  }
  return faults.size === 0;
}

interface Secret {
  readonly metadata: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly managedFields: readonly {
      readonly manager: string;
      readonly operation: string;
      readonly fieldsV1: Readonly<Record<string, unknown>>;
    }[];
  };
  readonly data?: Readonly<Record<string, string>>;
}

export async function readSecrets(
  cluster: Cluster,
  scene: CredentialScene,
  namespace: string,
): Promise<readonly Secret[]> {
  const answers = OUTPUTS.map((output) => cluster.api('GET', scene.secret(namespace, output)));
  return (await Promise.all(answers)).map(({ body }) => body as Secret);
}

/** Who owns what of a Secret: `tbot-injector: metadata, type`. */
export function owners({ metadata }: Secret): readonly string[] {
  return metadata.managedFields
    .map(({ manager, fieldsV1 }) => {
      const fields = Object.keys(fieldsV1).map((field) => field.replace('f:', ''));
      return `${manager}: ${fields.toSorted().join(', ')}`;
    })
    .toSorted();
}
