import { beforeEach, describe, expect, it } from 'vitest';
import type { CredentialStore } from '../../../src/controller/namespaces/credential-store.ts';
import type { EventNote } from '../../../src/controller/runtime/event-recorder.ts';
import { KubernetesError } from '../../../src/kubernetes/error.ts';
import { reconcileNamespace } from '../../../src/controller/namespaces/reconcile-namespace.ts';
import { notLeading } from '../not-leading.ts';
import type { Action, ObservedObjects } from '../../../src/credentials/actions.ts';
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
let notes: EventNote[];
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

async function pass(
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

describe('a pass over a namespace', () => {
  it('does all that is due, the rights first', async () => {
    expect(await pass(optedInWith(ONE, TWO), observed([]))).toBeUndefined();
    expect(done).toEqual(['bind a in team', 'apply tbot-one in team', 'apply tbot-two in team']);
    expect(notes).toEqual([]);
  });

  it.each([
    ['apply-secret', 'tbot-one'],
    ['apply-binding', 'tbot-one'],
  ] as const)('says that %s was refused, and by what', async (kind, name) => {
    const message = 'PATCH /x: 403, exceeded quota: small';
    perform = (action) =>
      action.kind === kind ? Promise.reject(new KubernetesError('forbidden', message)) : Promise.resolve();
    await expect(pass(optedInWith(ONE), observed([]))).rejects.toThrow('exceeded quota');
    expect(notes).toMatchObject([{ reason: 'CredentialBlocked', regarding: { name } }]);
    expect(notes[0]?.note).toContain(`cannot be set up in team, and is tried again: ${message}`);
  });

  it('says it at the Secret that there is, which kubectl describe finds by its uid', async () => {
    perform = () => Promise.reject(new KubernetesError('forbidden', 'PATCH /x: 403'));
    await expect(
      pass(optedInWith(ONE, TWO), observed([secret({ orphanedAt: 1 })], [binding()])),
    ).rejects.toThrow();
    expect(notes.map(({ regarding: { name, uid } }) => [name, uid])).toEqual([
      ['tbot-one', 'secret-uid'],
      ['tbot-two', undefined],
    ]);
  });

  it('says nothing of an API server that is away, nor of what cannot be deleted', async () => {
    perform = () => Promise.reject(new KubernetesError('unreachable', 'PATCH /x: refused'));
    await expect(pass(optedInWith(ONE), observed([]))).rejects.toThrow('refused');
    perform = () => Promise.reject(new KubernetesError('forbidden', 'DELETE /x: 403'));
    await expect(pass(LOST, observed([secret()]))).rejects.toThrow('403');
    expect(notes).toEqual([]);
  });

  it('leaves a bot alone whose objects were not all seen', async () => {
    unseen = 'a';
    const other = destination({ bot: 'b', output: 'two', secretName: 'tbot-two' });
    await pass(optedInWith(ONE, other), observed([secret({ hasImmutableField: true })]));
    expect(done).toEqual(['bind b in team', 'apply tbot-two in team']);
    expect(notes).toEqual([]);
  });

  it('where all is well does and says nothing', async () => {
    expect(await pass(optedInWith(ONE), observed([secret()], [binding()]))).toBeUndefined();
    expect(done).toEqual([]);
    expect(notes).toEqual([]);
  });

  it('does the rest where something could not be done, and tells of that', async () => {
    const refusal = new Error('quota exceeded');
    perform = (action) => (print(action) === 'apply tbot-one' ? Promise.reject(refusal) : Promise.resolve());
    await expect(pass(optedInWith(ONE, TWO), observed([]))).rejects.toBe(refusal);
    expect(done).toEqual(['bind a in team', 'apply tbot-two in team']);
  });

  it('tells of the first of many failures', async () => {
    let count = 0;
    perform = () => Promise.reject(new Error(`failure ${++count}`));
    await expect(pass(optedInWith(ONE, TWO), observed([]))).rejects.toThrow('failure 1');
    expect(count).toBe(3);
  });

  it('writes nothing where it leads no longer', async () => {
    leads = () => false;
    await expect(pass(optedInWith(ONE, TWO), observed([]))).rejects.toThrow('leads no longer');
    expect(done).toEqual([]);
  });

  it('stops in the middle when it leads no longer', async () => {
    leads = () => done.length < 2;
    await expect(pass(optedInWith(ONE, TWO), observed([]))).rejects.toThrow('leads no longer');
    expect(done).toEqual(['bind a in team', 'apply tbot-one in team']);
  });

  it('leaves a terminating namespace alone, and does not come again', async () => {
    const seen = observed([secret({ orphanedAt: 1 })], [binding({ orphanedAt: 1 })]);
    expect(await pass({ optedIn: 'terminating', destinations: [] }, seen)).toBeUndefined();
    expect(done).toEqual([]);
    expect(notes).toEqual([]);
  });
});

describe('a grace period', () => {
  it('begins with a release, and nobody is told: a mislabel is harmless', async () => {
    expect(await pass(LOST, observed([secret()], [binding()]))).toBeUndefined();
    expect(done).toEqual(['mark-orphaned tbot-injector-bot-a in team', 'mark-orphaned tbot-one in team']);
    expect(notes).toEqual([]);
  });

  it('is waited for, and a second more for clocks', async () => {
    const seen = observed(
      [secret({ orphanedAt: NOW - MINUTE })],
      [binding({ orphanedAt: NOW - 2 * MINUTE })],
    );
    expect(await pass(LOST, seen)).toBe(8 * MINUTE + 1_000);
    expect(done).toEqual([]);
  });

  it('ends with the deletion of both, without an Event', async () => {
    const at = NOW - GRACE_MS;
    await pass(LOST, observed([secret({ orphanedAt: at })], [binding({ orphanedAt: at })]));
    expect(done).toEqual(['delete tbot-injector-bot-a in team', 'delete tbot-one in team']);
    expect(notes).toEqual([]);
  });

  it('is over for one, and waited for by the other', async () => {
    const seen = observed([secret({ orphanedAt: NOW })], [binding({ orphanedAt: NOW - 2 * GRACE_MS })]);
    expect(await pass(LOST, seen)).toBe(1_000);
    expect(done).toEqual(['delete tbot-injector-bot-a in team']);
    expect(await pass(LOST, observed([secret({ orphanedAt: NOW })]))).toBe(GRACE_MS + 1_000);
  });

  it.each<[string, ObservedSecret]>([
    ['that is not ours', secret({ bot: undefined, orphanedAt: 1 })],
    ['that we did not make', secret({ isMadeByUs: false, orphanedAt: 1 })],
    ['that does not go', secret({ isDeleting: true, orphanedAt: 1 })],
  ])('is not waited for by what has a time and is never touched: a Secret %s', async (_, each) => {
    expect(await pass(LOST, observed([each]))).toBeUndefined();
    expect(done).toEqual([]);
  });
});

describe('people are told', () => {
  it('of a Secret of a revoked grant, with what ends its certificates', async () => {
    await pass(optedInWith(TWO), observed([secret()], [binding()]));
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

  it('again of what still hinders, before Kubernetes forgets it, and not of all namespaces at once', async () => {
    const waits = new Set<number>();
    for (const namespace of ['team', 'other', 'third']) {
      const wait = await pass(
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

  it('of no deletion that did not happen', async () => {
    perform = () => Promise.reject(new Error('conflict'));
    await expect(pass(optedInWith(), observed([secret()]))).rejects.toThrow('conflict');
    expect(notes).toEqual([]);
  });

  it('of no Secret that is replaced: it comes back', async () => {
    await pass(optedInWith(ONE), observed([secret({ bot: 'b' })], [binding()]));
    expect(done).toEqual(['delete tbot-one in team']);
    expect(notes).toEqual([]);
  });

  it('of what hinders a credential and does not mend itself', async () => {
    const seen = observed(
      [secret({ bot: undefined }), secret({ name: 'tbot-two', output: 'two' })],
      [binding()],
    );
    await pass(optedInWith(ONE, TWO), seen);
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

  it('of each output that a RoleBinding hinders, though there is no Secret yet to tell it of', async () => {
    const seen: ObservedObjects = {
      ...observed([secret()]),
      bindings: new Map([['a', binding({ bot: undefined })]]),
    };
    await pass(optedInWith(ONE, TWO), seen);
    expect(done).toEqual(['apply tbot-two in team']);
    expect(notes.map(({ note }) => note)).toEqual([
      expect.stringContaining('output one of bot a is not renewed in team: found a RoleBinding'),
    ]);
  });

  it('once of each Secret in a pass, so that the next one says nothing new', async () => {
    perform = () => Promise.reject(new KubernetesError('forbidden', 'no rights', { status: 403 }));
    const seen = observed([secret({ output: 'old', hasImmutableField: true })]);
    await expect(pass(optedInWith(ONE, TWO), seen)).rejects.toThrow('no rights');
    expect(notes.map(({ note }) => note.slice(0, 10))).toEqual(['output one', 'output two']);
  });

  it('of what hinders, though something could not be done', async () => {
    perform = () => Promise.reject(new Error('down'));
    const seen = observed([secret({ hasImmutableField: true })], [binding()]);
    await expect(pass(optedInWith(ONE, TWO), seen)).rejects.toThrow('down');
    expect(notes).toHaveLength(1);
  });
});
