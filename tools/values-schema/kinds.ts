import { z } from 'zod';

import { EMPTY_OR } from './complete.ts';
import { saying } from './sentences.ts';

/** A closed map of values, each of which has its default in values.yaml. */
export function section(shape: Readonly<Record<string, z.ZodType>>): z.ZodType {
  return z.strictObject(shape).partial();
}

/** Text that may be empty. */
export function emptyOr(pattern: RegExp, expected: string): z.ZodString {
  return z.string(expected).regex(new RegExp(EMPTY_OR + pattern.source), expected);
}

const text = z.string('a string');
export const toggle = z.boolean('true or false');

export function wholeNumber(from: number, to: number): z.ZodInt {
  const expected = `a whole number from ${from} to ${to}`;
  return z.int(expected).min(from, expected).max(to, expected);
}

/** Of replicas: more than any cluster needs. */
export const count = wholeNumber(1, 1000);
export const port = wholeNumber(1, 65_535);

export const objectName = emptyOr(
  /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
  'the name of a Kubernetes object: lower-case letters, digits, "-" and "."',
).max(253);

/** As Go reads it, such as 720h. */
export const duration = z
  .string('a duration')
  .regex(/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/, 'a duration such as 720h or 1h30m');

/** As Prometheus reads it, such as 30s. */
export const interval = z
  .string('an interval')
  .regex(/^(\d+(ms|s|m|h|d|w|y))+$/, 'an interval of Prometheus such as 30s or 1m');

/** What belongs to Kubernetes or another project is not looked into. */
export const object = z.record(z.string(), z.unknown());
export const objects = z.array(object);
export const texts = z.array(text);

/** Annotations, labels and node selectors: YAML makes true and 1 of what stands without quotes. */
export const stringMap = z.record(z.string(), z.string('a string, in quotes'));

/** Labels that the chart sets itself: twice in one object they would be no YAML. */
const OWN_LABELS =
  '^(helm\\.sh/chart|app\\.kubernetes\\.io/(name|instance|version|part-of|managed-by|component)|tbot-injector\\.io/.*)$';

export const furtherLabels = stringMap.meta({
  propertyNames: saying({ not: { pattern: OWN_LABELS } }, 'a label that the chart does not set itself'),
});

export const disruptionBudget = section({
  enabled: toggle,
  maxUnavailable: z.union([
    z.int().min(0),
    z.string().regex(/^(100|\d\d?)%$/, 'a number of pods, or a percentage such as 25%'),
  ]),
});

/** Where pods run, and what they carry. */
export const placement = {
  resources: object,
  priorityClassName: objectName,
  podAnnotations: stringMap,
  podLabels: furtherLabels,
  nodeSelector: stringMap,
  tolerations: objects,
  affinity: object,
};
