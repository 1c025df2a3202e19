/** IPv4 addresses of a name; none when it has only others. */
export type Answer = readonly string[] | 'no such name' | 'failure';

const HEADER_BYTES = 12;
const TYPE_A = 1;
const CLASS_IN = 1;
const TTL_SECONDS = 1;
/** A response, authoritative, with recursion as it was asked. */
const RESPONSE = 0x8400;
const RECURSION_DESIRED = 0x0100;
const CODES = { 'no such name': 3, failure: 2 } as const;

/** The response to one DNS query, or undefined to what is none. RFC 1035, as far as resolvers of C libraries go. */
export async function answerQuery(
  query: Buffer,
  lookUp: (name: string) => Promise<Answer>,
): Promise<Buffer | undefined> {
  if (query.length < HEADER_BYTES || query.readUInt16BE(4) !== 1) return undefined;
  const question = readQuestion(query);
  if (question === undefined) return undefined;
  const answer = await lookUp(question.name);
  const addresses = typeof answer === 'string' || question.type !== TYPE_A ? [] : answer;
  const code = typeof answer === 'string' ? CODES[answer] : 0;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(query.readUInt16BE(0), 0);
  header.writeUInt16BE(RESPONSE | (query.readUInt16BE(2) & RECURSION_DESIRED) | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  return Buffer.concat([header, query.subarray(HEADER_BYTES, question.end), ...addresses.map(addressRecord)]);
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } | undefined {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (;;) {
    const length = query[at];
    if (length === undefined || length > 63) return undefined;
    at++;
    if (length === 0) break;
    labels.push(query.toString('latin1', at, at + length).toLowerCase());
    at += length;
  }
  if (at + 4 > query.length) return undefined;
  return { name: labels.join('.'), type: query.readUInt16BE(at), end: at + 4 };
}

function addressRecord(address: string): Buffer {
  const record = Buffer.alloc(16);
  // The name is that of the question.
  record.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  record.writeUInt16BE(TYPE_A, 2);
  record.writeUInt16BE(CLASS_IN, 4);
  record.writeUInt32BE(TTL_SECONDS, 6);
  record.writeUInt16BE(4, 10);
  Buffer.from(address.split('.').map(Number)).copy(record, 12);
  return record;
}
