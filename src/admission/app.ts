import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { fault, faultAnswer, type Fault } from './faults.ts';

/** Behind TLS, around the review routes: a plain word for everything else. */
export function createAdmissionApp(): Express {
  return express().disable('x-powered-by').disable('etag').use(notFound).use(internalError);
}

const notFound: RequestHandler = (request, response) => {
  send(fault('not-found', `${request.method} ${request.path}`), response);
};

/** Express's own handler would print the stack. It knows an error handler by its four parameters. */
const internalError: ErrorRequestHandler = (_error, _request, response, next) => {
  if (response.headersSent) next(_error);
  else send(fault('internal', 'an unforeseen error'), response);
};

function send(it: Fault, response: Parameters<RequestHandler>[1]): void {
  const { status, body } = faultAnswer(it);
  response.status(status).type('json').send(body);
}
