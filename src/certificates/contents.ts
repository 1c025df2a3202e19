import { z } from 'zod';

/** The decoded data of a Secret; no keys where there is no Secret. */
export type Contents = Readonly<Record<string, string>>;

/** What is to be written into a Secret: null removes a key, and keys that are not named stay. */
export type ContentsChange = Readonly<Record<string, string | null>>;

/** Keys of the CA Secret, which only the controller reads. */
export const AUTHORITY_KEYS = {
  certificate: 'ca.crt',
  key: 'ca.key',
  nextCertificate: 'next.crt',
  nextKey: 'next.key',
  record: 'rotation.json',
} as const;

/** Keys of the serving Secret, which webhook pods mount; the names are those of kubernetes.io/tls and cert-manager. */
export const SERVING_KEYS = { certificate: 'tls.crt', key: 'tls.key', bundle: 'ca.crt' } as const;

const time = z.iso.datetime().transform((text) => new Date(text));
const recordSchema = z.object({
  signing: z.object({ id: z.string(), leavesUntil: time }),
  retired: z.array(z.object({ certificate: z.string(), leavesUntil: time })),
});

/** What cannot be read off certificates: who has signed, and until when what they signed lives. */
export type RotationRecord = z.output<typeof recordSchema>;

/** A record longer than that is none of ours. */
const LONGEST_RECORD = 256 * 1024;

export function parseRecord(text: string | undefined): RotationRecord | undefined {
  if (text === undefined || text.length > LONGEST_RECORD) return undefined;
  try {
    return recordSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export function printRecord(record: RotationRecord): string {
  return `${JSON.stringify(record, undefined, 2)}\n`;
}
