import { describe, expect, it } from 'vitest';
import { KubernetesError } from '../../src/kubernetes/error.ts';
import { errorFields, LOG_FIELDS, type LogFields } from '../../src/telemetry/fields.ts';
import { createLog, type LogLevel } from '../../src/telemetry/log.ts';

function capture(level: LogLevel = 'info') {
  const lines: string[] = [];
  const log = createLog({ level, destination: { write: (line) => void lines.push(line) } });
  return { log, lines, only: () => JSON.parse(lines[0] ?? '') as Record<string, unknown> };
}

describe('a line', () => {
  it('is one JSON object with level, ISO time, event and fields', () => {
    const { log, only } = capture();
    log.info('review answered', { uid: 'u-1', namespace: 'payments', outputs: ['a', 'b'], durationMs: 0.4 });
    expect(only()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      msg: 'review answered',
      uid: 'u-1',
      namespace: 'payments',
      outputs: ['a', 'b'],
      durationMs: 0.4,
    });
  });

  it('is written from its level on', () => {
    const { log, lines } = capture('warn');
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(['warn', 'error']);
  });

  it('stays one line, whatever the text holds', () => {
    const { log, lines, only } = capture();
    log.info('event', { name: 'two\nlines\u0000', error: 'x'.repeat(10_000) });
    expect(lines.join('').trimEnd()).not.toContain('\n');
    expect(only()['name']).toBe('two\nlines\u0000');
    expect(only()['error']).toHaveLength(500);
  });
});

describe('what is not on the list never reaches the log', () => {
  const smuggled = (fields: object): LogFields => fields;

  it('a field of another name', () => {
    const { log, only } = capture();
    const review = {
      request: { object: { spec: { containers: [{ env: [{ name: 'A', value: 's3cret' }] }] } } },
    };
    log.info(
      'event',
      smuggled({ namespace: 'payments', review, token: 's3cret', level: 's3cret', msg: 's3cret' }),
    );
    expect(only()).toMatchObject({ level: 'info', msg: 'event', namespace: 'payments' });
    expect(JSON.stringify(only())).not.toContain('s3cret');
  });

  it.each(Object.keys(LOG_FIELDS))('an object in place of %s', (field) => {
    const { log, lines } = capture();
    log.info('event', smuggled({ [field]: { value: 's3cret' } }));
    log.info('event', smuggled({ [field]: [{ value: 's3cret' }] }));
    expect(lines).toHaveLength(2);
    expect(lines.join('')).not.toContain('s3cret');
  });

  it('a field that is inherited', () => {
    const { log, only } = capture();
    log.info('event', smuggled(Object.create({ name: 's3cret' }) as object));
    expect(only()).not.toHaveProperty('name');
  });
});

describe('of an error', () => {
  it('code and message are told, cause and stack are not', () => {
    const { log, lines, only } = capture();
    const error = new KubernetesError('unreachable', 'GET /api: refused', { cause: new Error('s3cret') });
    log.error('read failed', errorFields(error));
    expect(only()).toMatchObject({ code: 'unreachable', error: 'GET /api: refused' });
    expect(lines.join('')).not.toMatch(/s3cret|stack/);
  });

  it('a SyntaxError does not quote the text it failed on', () => {
    const parse = (): unknown => JSON.parse('{"password": s3cret}');
    expect(parse).toThrow(/s3cr/);
    let thrown: unknown;
    try {
      parse();
    } catch (error) {
      thrown = error;
    }
    expect(errorFields(thrown)).toEqual({ error: 'a text could not be parsed' });
  });

  it('anything else that is thrown is not shown at all', () => {
    expect(errorFields({ password: 's3cret' })).toEqual({ error: 'something was thrown that is no Error' });
  });
});
