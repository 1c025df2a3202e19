import type { IncomingMessage, ServerResponse } from 'node:http';
import { BodyReader } from './body.ts';
import { check, type CheckSettings } from './check.ts';
import { clientFault } from './client-auth.ts';
import { fault, faultAnswer, isFault, type Fault } from './faults.ts';
import { mutate } from './mutate.ts';
import type { AdmissionObserver, AdmissionRecord, Endpoint, WebhookSettings } from './settings.ts';
import { parseReview, type AdmissionRequest } from './review.ts';
import { printReview, reasonOf, type Verdict } from './verdict.ts';

/** One review in, one answer out. Never throws, and answers every request. */
export type ReviewRoute = (endpoint: Endpoint, request: IncomingMessage, response: ServerResponse) => void;

export interface RouteSettings
  extends CheckSettings, Pick<WebhookSettings, 'clients' | 'maxInFlight' | 'maxBodyBytes'> {
  readonly observer: AdmissionObserver;
}

type Reviewer = (request: AdmissionRequest, settings: CheckSettings) => Promise<Verdict>;

const REVIEWERS: Readonly<Record<Endpoint, Reviewer>> = { mutate, check };

export function createReviewRoute(settings: RouteSettings): ReviewRoute {
  const { observer } = settings;
  const load: SharedLoad = { bodies: new BodyReader(settings.maxBodyBytes), reviewing: 0 };
  return (endpoint, request, response) => {
    const began = performance.now();
    observer.started();
    const exchange = { endpoint, request, response };
    const unfit = requestFault(request, settings);
    const answered =
      unfit === undefined ? review(exchange, settings, load) : Promise.resolve(answerFault(exchange, unfit));
    void answered
      .catch((error: unknown) => ({
        ...answerFault(exchange, fault('internal', 'an unforeseen error')),
        error,
      }))
      .then((record) => {
        observer.finished({ endpoint, ...record, seconds: (performance.now() - began) / 1000 });
      });
  };
}

interface Exchange {
  readonly endpoint: Endpoint;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

type Answered = Omit<AdmissionRecord, 'endpoint' | 'seconds'>;

/** What all requests share. */
interface SharedLoad {
  readonly bodies: BodyReader;
  /** Reviews whose body is there and that have no answer yet. */
  reviewing: number;
}

/** What can be said before the body is read. */
function requestFault(request: IncomingMessage, { clients }: RouteSettings): Fault | undefined {
  const unknown = clients === undefined ? undefined : clientFault(request, clients);
  if (unknown !== undefined) return unknown;
  return request.method === 'POST' ? undefined : fault('wrong-method', request.method ?? 'no method');
}

async function review(exchange: Exchange, settings: RouteSettings, load: SharedLoad): Promise<Answered> {
  const body = await load.bodies.read(exchange.request);
  if (body.kind === 'gone') return { outcome: 'fault', reason: 'client-gone' };
  if (body.kind === 'fault') return answerFault(exchange, body);
  // Counted only now: a slow sender must not take the place of a review whose body is whole.
  load.reviewing++;
  try {
    if (load.reviewing > settings.maxInFlight) {
      return answerFault(exchange, fault('too-many', `${load.reviewing} reviews at once`));
    }
    const parsed = parseReview(body.bytes);
    if (isFault(parsed)) return answerFault(exchange, parsed);
    const verdict = await REVIEWERS[exchange.endpoint](parsed, settings);
    answer(exchange.response, 200, printReview(parsed.uid, verdict));
    const { uid, namespace, name } = parsed;
    const outputs = verdict.kind === 'injected' ? { outputs: verdict.outputs } : {};
    return { outcome: verdict.kind, reason: reasonOf(verdict), uid, namespace, name, ...outputs };
  } finally {
    load.reviewing--;
    load.bodies.giveBack(body);
  }
}

function answerFault({ request, response }: Exchange, unfit: Fault): Answered {
  const { status, headers, body } = faultAnswer(unfit);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  // Node would read the rest of this body as the next request.
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
