import { beforeEach, describe, expect, it } from 'vitest';
import type { CredentialStore } from '../../../src/controller/namespaces/credential-store.ts';
import type { KubernetesEvent } from '../../../src/controller/runtime/event-recorder.ts';
import { KubernetesError } from '../../../src/kubernetes/error.ts';
import { reconcileNamespace } from '../../../src/controller/namespaces/namespace-reconciler.ts';
import { notLeading } from '../not-leading.ts';
import type { Action } from '../../../src/credentials/actions.ts';
import type { ObservedObjects } from '../../../src/credentials/observed.ts';
import type { ObservedBinding, ObservedSecret } from '../../../src/credentials/observed.ts';
import type { DesiredState } from '../../../src/credentials/desired-state.ts';
import {
  binding,
  destination,
  GRACE_MS,
  expectedBinding,
  MINUTE,
  NOW,
  secret,
  optedInWith,
} from '../../credentials/objects.ts';

const ONE = destination();
const TWO = destination({ output: 'two', secretName: 'tbot-two' });
const LOST: DesiredState = { optedIn: 'no', destinations: [] };

let done: string[];
let notes: KubernetesEvent[];
let leads: () => boolean;
let unseen: string | undefined;
let perform: CredentialStore['perform'];

beforeEach(() => {
  done = [];
  notes = [];
  leads = () => true;
  unseen = undefined;
  perform = () => Promise.resolve();
});

function observed(
  secrets: readonly ObservedSecret[],
  bindings: readonly ObservedBinding[] = [],
): ObservedObjects {
  return {
    secrets: new Map(secrets.map((each) => [each.name, each])),
    bindings: new Map(bindings.map((each) => [each.bot ?? 'a', each])),
  };
}

async function reconcile(
  desired: DesiredState,
  seen: ObservedObjects,
  now = NOW,
  name = 'team',
): Promise<number | undefined> {
  const { requeueAfterMs } = await reconcileNamespace({
    namespace: name,
    desired,
    observed: seen,
    store: {
      expectedBinding: expectedBinding,
      perform: async (action, namespace, at) => {
        if (!leads()) throw notLeading();
        await perform(action, namespace, at);
        done.push(`${print(action)} in ${namespace}`);
        expect(at).toEqual(new Date(now));
      },
    },
    events: {
      record: (note) => {
        notes.push(note);
        return Promise.resolve();
      },
    },
    now: new Date(now),
    graceMs: GRACE_MS,
    isSeen: (bot) => bot !== unseen,
  });
  return requeueAfterMs;
}

function print(action: Action): string {
  if (action.kind === 'apply-secret') return `apply ${action.destination.secretName}`;
  return action.kind === 'apply-binding' ? `bind ${action.bot}` : `${action.kind} ${action.object.name}`;
}

describe('a reconcile of a namespace', () => {
  it('performs all actions, the RoleBinding first', async () => {
    expect(await reconcile(optedInWith(ONE, TWO), observed([]))).toBeUndefined();
    expect(done).toEqual(['bind a in team', 'apply tbot-one in team', 'apply tbot-two in team']);
    expect(notes).toEqual([]);
  });

  it.each([
    ['apply-secret', 'tbot-one'],
    ['apply-binding', 'tbot-one'],
  ] as const)('records that %s was refused, and why', async (kind, name) => {
    const message = 'PATCH /x: 403, exceeded quota: small';
    perform = (action) =>
      action.kind === kind ? Promise.reject(new KubernetesError('forbidden', message)) : Promise.resolve();
    await expect(reconcile(optedInWith(ONE), observed([]))).rejects.toThrow('exceeded quota');
    expect(notes).toMatchObject([{ reason: 'CredentialBlocked', regarding: { name } }]);
    expect(notes[0]?.note).toContain(`cannot be set up in team, and is tried again: ${message}`);
  });

  it('records it with the uid of an existing Secret, by which kubectl describe finds it', async () => {
    perform = () => Promise.reject(new KubernetesError('forbidden', 'PATCH /x: 403'));
    await expect(
      reconcile(optedInWith(ONE, TWO), observed([secret({ orphanedAt: 1 })], [binding()])),
    ).rejects.toThrow();
    expect(notes.map(({ regarding: { name, uid } }) => [name, uid])).toEqual([
      ['tbot-one', 'secret-uid'],
      ['tbot-two', undefined],
    ]);
  });

  it('records nothing when the API server is away, or when a deletion fails', async () => {
    perform = () => Promise.reject(new KubernetesError('unreachable', 'PATCH /x: refused'));
    await expect(reconcile(optedInWith(ONE), observed([]))).rejects.toThrow('refused');
    perform = () => Promise.reject(new KubernetesError('forbidden', 'DELETE /x: 403'));
    await expect(reconcile(LOST, observed([secret()]))).rejects.toThrow('403');
    expect(notes).toEqual([]);
  });

  it('leaves a bot alone if the cache has not seen all of its objects', async () => {
    unseen = 'a';
    const other = destination({ bot: 'b', output: 'two', secretName: 'tbot-two' });
    await reconcile(optedInWith(ONE, other), observed([secret({ hasImmutableField: true })]));
    expect(done).toEqual(['bind b in team', 'apply tbot-two in team']);
    expect(notes).toEqual([]);
  });

  it('does and records nothing where all is as desired', async () => {
    expect(await reconcile(optedInWith(ONE), observed([secret()], [binding()]))).toBeUndefined();
    expect(done).toEqual([]);
    expect(notes).toEqual([]);
  });

  it('performs the other actions when one fails, and rejects with its error', async () => {
    const refusal = new Error('quota exceeded');
    perform = (action) => (print(action) === 'apply tbot-one' ? Promise.reject(refusal) : Promise.resolve());
    await expect(reconcile(optedInWith(ONE, TWO), observed([]))).rejects.toBe(refusal);
    expect(done).toEqual(['bind a in team', 'apply tbot-two in team']);
  });

  it('rejects with the first of many failures', async () => {
    let count = 0;
    perform = () => Promise.reject(new Error(`failure ${++count}`));
    await expect(reconcile(optedInWith(ONE, TWO), observed([]))).rejects.toThrow('failure 1');
    expect(count).toBe(3);
  });

  it('writes nothing after the leadership is lost', async () => {
    leads = () => false;
    await expect(reconcile(optedInWith(ONE, TWO), observed([]))).rejects.toThrow('leads no longer');
    expect(done).toEqual([]);
  });

  it('stops in the middle when the leadership is lost', async () => {
    leads = () => done.length < 2;
    await expect(reconcile(optedInWith(ONE, TWO), observed([]))).rejects.toThrow('leads no longer');
    expect(done).toEqual(['bind a in team', 'apply tbot-one in team']);
  });

  it('leaves a terminating namespace alone, and asks for no requeue', async () => {
    const seen = observed([secret({ orphanedAt: 1 })], [binding({ orphanedAt: 1 })]);
    expect(await reconcile({ optedIn: 'terminating', destinations: [] }, seen)).toBeUndefined();
    expect(done).toEqual([]);
    expect(notes).toEqual([]);
  });
});

describe('a grace period', () => {
  it('begins with the mark orphaned-at and no Event: a wrong label is harmless', async () => {
    expect(await reconcile(LOST, observed([secret()], [binding()]))).toBeUndefined();
    expect(done).toEqual(['mark-orphaned tbot-injector-bot-a in team', 'mark-orphaned tbot-one in team']);
    expect(notes).toEqual([]);
  });

  it('requeues the namespace for its end, and a second more for clocks', async () => {
    const seen = observed(
      [secret({ orphanedAt: NOW - MINUTE })],
      [binding({ orphanedAt: NOW - 2 * MINUTE })],
    );
    expect(await reconcile(LOST, seen)).toBe(8 * MINUTE + 1_000);
    expect(done).toEqual([]);
  });

  it('ends with the deletion of both, without an Event', async () => {
    const at = NOW - GRACE_MS;
    await reconcile(LOST, observed([secret({ orphanedAt: at })], [binding({ orphanedAt: at })]));
    expect(done).toEqual(['delete tbot-injector-bot-a in team', 'delete tbot-one in team']);
    expect(notes).toEqual([]);
  });

  it('may be over for one object and not yet for the other', async () => {
    const seen = observed([secret({ orphanedAt: NOW })], [binding({ orphanedAt: NOW - 2 * GRACE_MS })]);
    expect(await reconcile(LOST, seen)).toBe(1_000);
    expect(done).toEqual(['delete tbot-injector-bot-a in team']);
    expect(await reconcile(LOST, observed([secret({ orphanedAt: NOW })]))).toBe(GRACE_MS + 1_000);
  });

  it.each<[string, ObservedSecret]>([
    ['that is not ours', secret({ bot: undefined, orphanedAt: 1 })],
    ['that we did not make', secret({ isMadeByUs: false, orphanedAt: 1 })],
    ['that does not go', secret({ isDeleting: true, orphanedAt: 1 })],
  ])('asks for no requeue because of a marked Secret %s', async (_, each) => {
    expect(await reconcile(LOST, observed([each]))).toBeUndefined();
    expect(done).toEqual([]);
  });
});

describe('an Event is recorded', () => {
  it('for a Secret of a revoked grant, with the command that ends its certificates', async () => {
    await reconcile(optedInWith(TWO), observed([secret()], [binding()]));
    expect(notes).toEqual([
      {
        type: 'Normal',
        reason: 'GrantRevoked',
        note:
          'bot a is granted to this namespace no longer; Secret tbot-one is deleted. Certificates that were issued stay ' +
          'valid until they expire. To end them now: tctl lock --user=bot-a --ttl=TTL --message="grant revoked", with the ' +
          "bot's credential_ttl as TTL, 1h by default. So long the bot gets nothing in any of its namespaces",
        regarding: {
          apiVersion: 'v1',
          kind: 'Secret',
          namespace: 'team',
          name: 'tbot-one',
          uid: 'secret-uid',
        },
      },
    ]);
  });

  it('again for an obstacle that lasts, before Kubernetes deletes the Event, at another time in each namespace', async () => {
    const waits = new Set<number>();
    for (const namespace of ['team', 'other', 'third']) {
      const wait = await reconcile(
        optedInWith(ONE),
        observed([secret({ bot: undefined })], [binding()]),
        NOW,
        namespace,
      );
      expect(wait).toBeGreaterThanOrEqual(2 * MINUTE);
      expect(wait).toBeLessThan(9 * MINUTE);
      waits.add(wait ?? 0);
    }
    expect(waits.size).toBe(3);
  });

  it('for no deletion that failed', async () => {
    perform = () => Promise.reject(new Error('conflict'));
    await expect(reconcile(optedInWith(), observed([secret()]))).rejects.toThrow('conflict');
    expect(notes).toEqual([]);
  });

  it('for no Secret that is replaced: it comes back', async () => {
    await reconcile(optedInWith(ONE), observed([secret({ bot: 'b' })], [binding()]));
    expect(done).toEqual(['delete tbot-one in team']);
    expect(notes).toEqual([]);
  });

  it('for an obstacle to a credential that does not go away by itself', async () => {
    const seen = observed(
      [secret({ bot: undefined }), secret({ name: 'tbot-two', output: 'two' })],
      [binding()],
    );
    await reconcile(optedInWith(ONE, TWO), seen);
    expect(notes).toEqual([
      {
        type: 'Warning',
        reason: 'CredentialBlocked',
        note: expect.stringContaining(
          "output one of bot a is not renewed in team: found a Secret tbot-one that is not tbot-injector's;",
        ) as string,
        regarding: {
          apiVersion: 'v1',
          kind: 'Secret',
          namespace: 'team',
          name: 'tbot-one',
          uid: 'secret-uid',
        },
      },
    ]);
  });

  it('for each output that a RoleBinding blocks, even without a Secret', async () => {
    const seen: ObservedObjects = {
      ...observed([secret()]),
      bindings: new Map([['a', binding({ bot: undefined })]]),
    };
    await reconcile(optedInWith(ONE, TWO), seen);
    expect(done).toEqual(['apply tbot-two in team']);
    expect(notes.map(({ note }) => note)).toEqual([
      expect.stringContaining('output one of bot a is not renewed in team: found a RoleBinding'),
    ]);
  });

  it('once for each Secret in a reconcile', async () => {
    perform = () => Promise.reject(new KubernetesError('forbidden', 'no rights', { status: 403 }));
    const seen = observed([secret({ output: 'old', hasImmutableField: true })]);
    await expect(reconcile(optedInWith(ONE, TWO), seen)).rejects.toThrow('no rights');
    expect(notes.map(({ note }) => note.slice(0, 10))).toEqual(['output one', 'output two']);
  });

  it('for an obstacle, even if an action failed', async () => {
    perform = () => Promise.reject(new Error('down'));
    const seen = observed([secret({ hasImmutableField: true })], [binding()]);
    await expect(reconcile(optedInWith(ONE, TWO), seen)).rejects.toThrow('down');
    expect(notes).toHaveLength(1);
  });
});
