import { expect, it } from 'vitest';
import { leaderClient } from '../../src/kubernetes/leader-client.ts';
import { RecordingClient } from '../controller/recording-client.ts';

const PATCH = { kind: 'merge', body: {} } as const;
const PRECONDITIONS = { uid: 'u', resourceVersion: '1' };

function open(holds = true) {
  const ending = new AbortController();
  const calls = new RecordingClient();
  return { ending, calls, client: leaderClient(calls, { signal: ending.signal, holds: () => holds }) };
}

it('every call is aborted with the leadership, and with its own signal', async () => {
  const { ending, calls, client } = open();
  const own = new AbortController();
  await client.getJson('/a');
  await client.patchJson('/a', PATCH);
  await client.postJson('/a', {});
  await client.deleteJson('/a', PRECONDITIONS);
  await client.getJson('/a', { signal: own.signal, timeoutMs: 1 });
  const signals = calls.calls.map(({ options }) => options?.signal);
  expect(signals.map((signal) => signal?.aborted)).toEqual([false, false, false, false, false]);
  expect(calls.calls.at(-1)?.options).toMatchObject({ timeoutMs: 1 });
  own.abort();
  expect(signals.map((signal) => signal?.aborted)).toEqual([false, false, false, false, true]);
  ending.abort();
  expect(signals.map((signal) => signal?.aborted)).toEqual([true, true, true, true, true]);
});

it('no write begins when the leadership is over by the clock, even before its signal fires', async () => {
  const { calls, client } = open(false);
  await expect(client.patchJson('/a', PATCH)).rejects.toMatchObject({ code: 'aborted' });
  await expect(client.postJson('/a', {})).rejects.toMatchObject({ code: 'aborted' });
  await expect(client.deleteJson('/a', PRECONDITIONS)).rejects.toMatchObject({ code: 'aborted' });
  expect(calls.calls).toEqual([]);
  expect(await client.getJson('/a')).toEqual({ kind: 'ok', body: {} });
});
