import { expect, it } from 'vitest';
import type { KubernetesEvent } from '../../../src/controller/runtime/event-recorder.ts';
import { ActiveEvents } from '../../../src/controller/runtime/active-events.ts';

const note = (namespace: string, name: string): KubernetesEvent => ({
  type: 'Warning',
  reason: 'NotInjected',
  note: 'a pod',
  regarding: { apiVersion: 'v1', kind: 'Pod', namespace, name, uid: `${namespace}-${name}` },
});

it('a thousand Events of one namespace do not keep those of others from being recorded', async () => {
  const recorded: string[] = [];
  const activeEvents = new ActiveEvents({
    isNews: () => true,
    end: () => undefined,
    record: ({ regarding: { namespace } }) => {
      recorded.push(namespace);
      return Promise.resolve();
    },
  });
  const many = Array.from({ length: 1_000 }, (_, index) => note('loud', `pod-${index}`));
  await activeEvents.record([...many, note('quiet', 'a'), note('quiet', 'b')]);
  expect(recorded).toHaveLength(100);
  expect(recorded.slice(0, 4)).toEqual(['loud', 'quiet', 'loud', 'quiet']);
});

it('an event that has ended is news when it comes back', async () => {
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
