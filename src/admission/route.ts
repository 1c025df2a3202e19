import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from '../config/schema.ts';
import { BodyBudget } from './body-budget.ts';
import { readBody } from './body.ts';
import { check } from './check.ts';
import { clientFault, type AllowedClients } from './clients.ts';
import { fault, faultAnswer, isFault, type Fault } from './faults.ts';
import type { Judge } from './judge.ts';
import { mutate } from './mutate.ts';
import { Senders } from './senders.ts';
import { parseReview, type AdmissionRequest } from './review.ts';
import { printReview, reasonOf, type Verdict } from './verdict.ts';

/** What is told of every review; nothing of the pod but its name. */
export interface AdmissionRecord {
  readonly endpoint: Endpoint;
  /** The verdict's kind, or `fault`. */
  readonly outcome: string;
  readonly reason: string;
  readonly seconds: number;
  readonly uid?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly outputs?: readonly string[];
  readonly error?: unknown;
}

export interface AdmissionObserver {
  started(): void;
  /** Called once for every {@link started}, also where the client went away. */
  finished(record: AdmissionRecord): void;
}

export type Endpoint = 'mutate' | 'check';

/** The hot route: one review in, one answer out. Never throws, never leaves a request without an answer. */
export type ReviewRoute = (endpoint: Endpoint, request: IncomingMessage, response: ServerResponse) => void;

export interface RouteSettings {
  /** What the early word says of restarts depends on it. */
  readonly config: Pick<Config, 'bots'>;
  /** Reviews handled at the same time; one more is answered 429 at once. */
  readonly mostInFlight: number;
  /** Bytes of the bodies that are held, together, beside the first 64 KiB of each. */
  readonly mostBytes: number;
  /** Undefined: everybody who reaches the port may ask. */
  readonly clients: AllowedClients | undefined;
}

type Reviewer = (
  request: AdmissionRequest,
  judge: Judge,
  config: RouteSettings['config'],
) => Promise<Verdict>;

const REVIEWERS: Readonly<Record<Endpoint, Reviewer>> = { mutate, check };

export function createReviewRoute(
  judge: Judge,
  observer: AdmissionObserver,
  settings: RouteSettings,
): ReviewRoute {
  const room: SharedLoad = { budget: new BodyBudget(settings.mostBytes), senders: new Senders(), judging: 0 };
  return (endpoint, request, response) => {
    const began = performance.now();
    observer.started();
    const unfit = requestFault(request, settings);
    const answered =
      unfit === undefined
        ? review(endpoint, request, response, judge, settings, room)
        : refuse(request, response, unfit);
    void answered
      .catch((error: unknown) => ({
        ...answerFault(request, response, fault('internal', 'an unforeseen error')),
        error,
      }))
      .then((record) => {
        observer.finished({ endpoint, ...record, seconds: (performance.now() - began) / 1000 });
      });
  };
}

type Answered = Omit<AdmissionRecord, 'endpoint' | 'seconds'>;

/** What all requests share. */
interface SharedLoad {
  readonly budget: BodyBudget;
  readonly senders: Senders;
  /** Reviews whose body is there and that have no answer yet. */
  judging: number;
}

/** What can be said before the body is read. */
function requestFault(request: IncomingMessage, settings: RouteSettings): Fault | undefined {
  const unknown = settings.clients === undefined ? undefined : clientFault(request, settings.clients);
  if (unknown !== undefined) return unknown;
  return request.method === 'POST' ? undefined : fault('wrong-method', request.method ?? 'no method');
}

async function review(
  endpoint: Endpoint,
  request: IncomingMessage,
  response: ServerResponse,
  judge: Judge,
  { mostInFlight, config }: RouteSettings,
  room: SharedLoad,
): Promise<Answered> {
  room.senders.enter(request);
  const body = await readBody(request, room.budget);
  room.senders.leave(request);
  if (body.kind === 'gone') return { outcome: 'fault', reason: 'client-gone' };
  if (body.kind === 'fault') return answerFault(request, response, body);
  // Counted only now: who sends slowly must not hold the places of those who are done.
  room.judging++;
  try {
    if (room.judging > mostInFlight) {
      return answerFault(request, response, fault('too-many', `${room.judging} reviews at once`));
    }
    const parsed = parseReview(body.bytes);
    if (isFault(parsed)) return answerFault(request, response, parsed);
    const verdict = await REVIEWERS[endpoint](parsed, judge, config);
    answer(response, 200, printReview(parsed.uid, verdict));
    const { uid, namespace, name } = parsed;
    const outputs = verdict.kind === 'injected' ? { outputs: verdict.outputs } : {};
    return { outcome: verdict.kind, reason: reasonOf(verdict), uid, namespace, name, ...outputs };
  } finally {
    room.judging--;
    room.budget.giveBack(body.taken);
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, unfit: Fault): Promise<Answered> {
  return Promise.resolve(answerFault(request, response, unfit));
}

function answerFault(request: IncomingMessage, response: ServerResponse, unfit: Fault): Answered {
  const { status, headers, body } = faultAnswer(unfit);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  // A body that was not read to its end would be taken for the next request.
  if (!request.complete) response.setHeader('Connection', 'close');
  answer(response, status, body);
  request.resume();
  return { outcome: 'fault', reason: unfit.code };
}

function answer(response: ServerResponse, status: number, body: string): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}
