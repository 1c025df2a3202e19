import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { apiServerAway, cutOff, frozenLeader, leaseDeleted } from './credentials/outages.ts';
import { Stage } from './credentials/stage.ts';

/** What is done with Secrets and RoleBindings is done once, or twice where a pass was faster than its watch. */
const TWICE = 2;

describe.skipIf(inject('programs').kind === 'missing')('the credentials, after', { timeout: 90_000 }, () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open();
    await stage.optIn('team-0');
  });

  afterAll(async () => {
    await stage.close();
  });

  it('an API server that was away, are as they were: nobody writes, and tbot is not restarted', async () => {
    const found = await apiServerAway(stage, 5);
    expect(found).toMatchObject({ changes: {}, restarts: 0 });
  });

  it('a controller that heard nothing for a while, have caught up with what changed', async () => {
    const found = await cutOff(stage, 12);
    expect(found.seconds).toBeLessThan(35);
    expect(found.restarts).toBeLessThanOrEqual(1);
    // Three of the new namespace, the deleted one, and the marks of three that were left; rights for one, a mark of one.
    expect(found.changes['secrets']).toBeLessThanOrEqual(TWICE * 7);
    expect(found.changes['rolebindings']).toBeLessThanOrEqual(TWICE * 2);
  });

  it('a leader that stood still and woke, are its successor’s', async () => {
    const found = await frozenLeader(stage, { seconds: 20, isBusy: false });
    expect(found.byThawed).toEqual([]);
    expect(found.leading).toEqual([false, true]);
    expect(found.changes).toEqual({});
    expect(found.restarts).toBeLessThanOrEqual(1);
  });

  it('a Lease that was deleted under its leader, are right, and one leads', async () => {
    const found = await leaseDeleted(stage, 2);
    expect(found.leaders).toBe(1);
    expect(found.changes['secrets']).toBeLessThanOrEqual(TWICE * 6);
    expect(found.restarts).toBeLessThanOrEqual(1);
  });
});
