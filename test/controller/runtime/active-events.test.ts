import { expect, it } from 'vitest';
import type { EventNote } from '../../../src/controller/runtime/event-recorder.ts';
import { ActiveEvents } from '../../../src/controller/runtime/active-events.ts';

const note = (namespace: string, name: string): EventNote => ({
  type: 'Warning',
  reason: 'NotInjected',
  note: 'a pod',
  regarding: { apiVersion: 'v1', kind: 'Pod', namespace, name, uid: `${namespace}-${name}` },
});

it('a thousand troubles in one namespace, which never end being news, keep nobody else’s from being told', async () => {
  const told: string[] = [];
  const activeEvents = new ActiveEvents({
    isNews: () => true,
    end: () => undefined,
    record: ({ regarding: { namespace } }) => {
      told.push(namespace);
      return Promise.resolve();
    },
  });
  const many = Array.from({ length: 1_000 }, (_, index) => note('loud', `pod-${index}`));
  await activeEvents.record([...many, note('quiet', 'a'), note('quiet', 'b')]);
  expect(told).toHaveLength(100);
  expect(told.slice(0, 4)).toEqual(['loud', 'quiet', 'loud', 'quiet']);
});

it('what is over is news when it comes back', async () => {
  const ended: string[] = [];
  const activeEvents = new ActiveEvents({
    isNews: () => false,
    end: ({ regarding: { name } }) => ended.push(name),
    record: () => Promise.resolve(),
  });
  await activeEvents.record([note('team', 'a'), note('team', 'b')]);
  await activeEvents.record([note('team', 'b')]);
  expect(ended).toEqual(['a']);
});
