import { describe, expect, it } from 'vitest';
import { restartWarnings } from '../../src/restarts/template-warnings.ts';
import { asking, BOTS, deployment } from './objects.ts';

const warnings = (object: unknown, isGranted = true): readonly string[] =>
  restartWarnings(object, { bots: BOTS }, isGranted);

describe('the author of a workload hears', () => {
  it('that it will not be restarted, and why', () => {
    expect(warnings(deployment({ ...asking('1h'), pods: {} }))).toEqual([
      expect.stringMatching(/^this Deployment will not be restarted: .*found "1h".* Fix: write "20h"/),
      expect.stringMatching(/^this Deployment will not be restarted: .*found no tbot-injector.io\/outputs/),
    ]);
  });

  it('how long credentials have to live', () => {
    const short = deployment({ pods: { 'tbot-injector.io/outputs': 'three' } });
    expect(warnings(short)).toEqual([expect.stringContaining('bots.hour.tbot.credential_ttl: 20h20m')]);
    expect(warnings(short, false)).toEqual([]);
  });

  it.each([
    ['that will be restarted', deployment()],
    ['that does not ask', deployment({ metadata: { annotations: {} } })],
    ['of another kind', { ...deployment(asking('1h')), kind: 'ReplicaSet' }],
    ['that is none', null],
  ])('nothing of one %s', (_, object) => {
    expect(warnings(object)).toEqual([]);
  });
});
