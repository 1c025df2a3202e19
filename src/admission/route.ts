import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from './body.ts';
import { check } from './check.ts';
import { fault, faultAnswer, isFault, type Fault } from './faults.ts';
import type { Judge } from './judge.ts';
import { mutate } from './mutate.ts';
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

const REVIEWERS: Readonly<Record<Endpoint, (request: AdmissionRequest, judge: Judge) => Promise<Verdict>>> = {
  mutate,
  check,
};

export interface RouteSettings {
  /** Reviews handled at the same time; one more is answered 429 at once. */
  readonly mostInFlight: number;
}

export function createReviewRoute(
  judge: Judge,
  observer: AdmissionObserver,
  settings: RouteSettings,
): ReviewRoute {
  let inFlight = 0;
  return (endpoint, request, response) => {
    if (request.method !== 'POST') {
      response.setHeader('Allow', 'POST');
      answerFault(request, response, fault('wrong-method', request.method ?? 'no method'));
      return;
    }
    const began = performance.now();
    observer.started();
    inFlight++;
    const crowded = inFlight > settings.mostInFlight;
    const answered = crowded
      ? refuseCrowd(request, response, inFlight)
      : review(endpoint, request, response, judge);
    void answered
      .catch((error: unknown) => {
        const unforeseen = fault('internal', 'an unforeseen error');
        answerFault(request, response, unforeseen);
        return { outcome: 'fault', reason: unforeseen.code, error };
      })
      .then((record) => {
        inFlight--;
        observer.finished({ endpoint, ...record, seconds: (performance.now() - began) / 1000 });
      });
  };
}

type Told = Omit<AdmissionRecord, 'endpoint' | 'seconds'>;

async function review(
  endpoint: Endpoint,
  request: IncomingMessage,
  response: ServerResponse,
  judge: Judge,
): Promise<Told> {
  const body = await readBody(request);
  if (body === undefined) return { outcome: 'fault', reason: 'client-gone' };
  const parsed = Buffer.isBuffer(body) ? parseReview(body) : body;
  if (isFault(parsed)) {
    answerFault(request, response, parsed);
    return { outcome: 'fault', reason: parsed.code };
  }
  const verdict = await REVIEWERS[endpoint](parsed, judge);
  answer(response, 200, printReview(parsed.uid, verdict));
  const { uid, namespace, name } = parsed;
  const outputs = verdict.kind === 'injected' ? { outputs: verdict.outputs } : {};
  return { outcome: verdict.kind, reason: reasonOf(verdict), uid, namespace, name, ...outputs };
}

function refuseCrowd(request: IncomingMessage, response: ServerResponse, inFlight: number): Promise<Told> {
  response.setHeader('Retry-After', '1');
  answerFault(request, response, fault('too-many', `${inFlight} reviews at once`));
  return Promise.resolve({ outcome: 'fault', reason: 'too-many' });
}

function answerFault(request: IncomingMessage, response: ServerResponse, it: Fault): void {
  const { status, body } = faultAnswer(it);
  // A body that was not read to its end would be taken for the next request.
  if (!request.complete) response.setHeader('Connection', 'close');
  answer(response, status, body);
  request.resume();
}

function answer(response: ServerResponse, status: number, body: string): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}
