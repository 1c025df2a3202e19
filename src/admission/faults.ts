/**
 * Requests that are no AdmissionReview get none back: the HTTP code, Kubernetes' reason for it and what was expected. For
 * the API server each is a failed call, and it does what failurePolicy says.
 *
 * | fault              | HTTP |
 * |--------------------|------|
 * | not-json           | 400  |
 * | not-a-review       | 400  |
 * | wrong-version      | 400  |
 * | forbidden          | 403  | where only the API server may ask, see client-auth.ts
 * | not-found          | 404  |
 * | wrong-method       | 405  |
 * | too-slow           | 408  |
 * | too-large          | 413  |
 * | wrong-media-type   | 415  |
 * | too-many           | 429  | with Retry-After
 * | internal           | 500  |
 */
const FAULTS = {
  'not-json': { status: 400, reason: 'BadRequest', expected: 'a JSON body' },
  'not-a-review': {
    status: 400,
    reason: 'BadRequest',
    expected: 'an AdmissionReview with a request, its uid and resource',
  },
  'wrong-version': { status: 400, reason: 'BadRequest', expected: 'apiVersion admission.k8s.io/v1' },
  forbidden: {
    status: 403,
    reason: 'Forbidden',
    expected: 'a client certificate that --client-ca and --client-names allow',
  },
  'not-found': { status: 404, reason: 'NotFound', expected: 'POST /mutate or POST /check' },
  'wrong-method': { status: 405, reason: 'MethodNotAllowed', expected: 'POST' },
  'too-slow': { status: 408, reason: 'Timeout', expected: 'a whole body within 10 s' },
  'too-large': { status: 413, reason: 'RequestEntityTooLarge', expected: 'a body of at most 7 MiB' },
  'wrong-media-type': {
    status: 415,
    reason: 'UnsupportedMediaType',
    expected: 'application/json, not encoded',
  },
  'too-many': {
    status: 429,
    reason: 'TooManyRequests',
    expected: 'fewer at once; try again in a second',
  },
  internal: {
    status: 500,
    reason: 'InternalError',
    expected: 'no error in the webhook; its log names this one',
  },
} as const;

export type FaultCode = keyof typeof FAULTS;

export interface Fault {
  readonly kind: 'fault';
  readonly code: FaultCode;
  readonly found: string;
}

export function fault(code: FaultCode, found: string): Fault {
  return { kind: 'fault', code, found };
}

export function isFault(value: object): value is Fault {
  return 'kind' in value && value.kind === 'fault';
}

const HEADERS: Partial<Record<FaultCode, Readonly<Record<string, string>>>> = {
  'wrong-method': { Allow: 'POST' },
  'too-many': { 'Retry-After': '1' },
};

/** The fault as an HTTP answer whose body is a Kubernetes Status, which client-go prints. */
export function faultAnswer({ code, found }: Fault): {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
} {
  const { status, reason, expected } = FAULTS[code];
  const message = `tbot-injector: found ${found}; expected ${expected}`;
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    reason,
    code: status,
    message,
  };
  return { status, headers: HEADERS[code] ?? {}, body: JSON.stringify(body) };
}
