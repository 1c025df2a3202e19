import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { apiServerAway, cutOff, frozenLeader, leaseDeleted } from './credentials/outages.ts';
import { Stage } from './credentials/stage.ts';

/** Each Secret and RoleBinding is written once, or twice if a reconcile was faster than its watch. */
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

  it('an outage of the API server, are as before: no write, and no restart of tbot', async () => {
    const found = await apiServerAway(stage, 5);
    expect(found).toMatchObject({ changes: {}, restarts: 0 });
  });

  it('a time in which the controller was cut off, have caught up with the changes', async () => {
    const found = await cutOff(stage, 12);
    expect(found.seconds).toBeLessThan(35);
    expect(found.restarts).toBeLessThanOrEqual(1);
    // Secrets: three new, one deleted, three marked. RoleBindings: one new, one marked.
    expect(found.changes['secrets']).toBeLessThanOrEqual(TWICE * 7);
    expect(found.changes['rolebindings']).toBeLessThanOrEqual(TWICE * 2);
  });

  it('the freeze and thaw of a leader, are written by its successor alone', async () => {
    const found = await frozenLeader(stage, { seconds: 20, isBusy: false });
    expect(found.byThawed).toEqual([]);
    expect(found.leading).toEqual([false, true]);
    expect(found.changes).toEqual({});
    expect(found.restarts).toBeLessThanOrEqual(1);
  });

  it('the deletion of the Lease under its leader, are right, and one controller leads', async () => {
    const found = await leaseDeleted(stage, 2);
    expect(found.leaders).toBe(1);
    expect(found.changes['secrets']).toBeLessThanOrEqual(TWICE * 6);
    expect(found.restarts).toBeLessThanOrEqual(1);
  });
});
