import { quote } from '../problems/problem.ts';
import { fault, type Fault } from './faults.ts';

/** The parts of an admission.k8s.io/v1 AdmissionRequest that are used here. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly operation: string;
  /** `pods`, `deployments.apps`: resource and group, as kubectl writes them. */
  readonly resource: string;
  readonly subResource: string;
  readonly namespace: string;
  /** The object's name, or what its name will be generated from. */
  readonly name: string;
  readonly object: unknown;
}

type Loose = Readonly<Record<string, unknown>>;

/** Reads the bytes of an AdmissionReview. Any bytes give a request or a fault; it never throws. */
export function parseReview(body: Buffer): AdmissionRequest | Fault {
  try {
    return readReview(JSON.parse(body.toString('utf8')));
  } catch {
    return fault('not-json', `${body.length} bytes`);
  }
}

/** Narrows a value of unknown shape to the request of an AdmissionReview. */
export function readReview(review: unknown): AdmissionRequest | Fault {
  if (!isMap(review) || review['kind'] !== 'AdmissionReview') {
    return fault('not-a-review', isMap(review) ? `kind ${quote(review['kind'])}` : quote(review));
  }
  if (review['apiVersion'] !== 'admission.k8s.io/v1')
    return fault('wrong-version', quote(review['apiVersion']));
  const request = review['request'];
  if (!isMap(request)) return fault('not-a-review', 'no request');
  if (typeof request['uid'] !== 'string' || request['uid'] === '')
    return fault('not-a-review', 'no request.uid');
  if (!isMap(request['resource'])) return fault('not-a-review', 'no request.resource');
  const metadata =
    isMap(request['object']) && isMap(request['object']['metadata']) ? request['object']['metadata'] : {};
  return {
    uid: request['uid'],
    operation: text(request['operation']),
    resource: [text(request['resource']['resource']), text(request['resource']['group'])]
      .filter(Boolean)
      .join('.'),
    subResource: text(request['subResource']),
    namespace: text(request['namespace']),
    name: text(request['name']) || text(metadata['name']) || text(metadata['generateName']),
    object: request['object'],
  };
}

function isMap(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
