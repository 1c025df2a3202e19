import { INJECTION_ENABLED, INJECTION_LABEL, PREFIX } from '../config/opt-in.ts';
import { ANNOTATIONS, INJECTED_RECORD, WORKLOAD_ANNOTATIONS, type AnnotationText } from './table.ts';

/** Prints docs/annotations.md; a test compares the file with it. */
export function printAnnotationDocs(): string {
  return [
    '# Annotations',
    '',
    '<!-- Printed from src/annotations/table.ts by `npm run docs`; edit that. -->',
    '',
    `A Namespace opts in with the label \`${INJECTION_LABEL}: ${INJECTION_ENABLED}\`. Its pods ask with these annotations; on a`,
    "Deployment, StatefulSet, DaemonSet, Job or CronJob they stand in the **pod template's** metadata. Values are strings:",
    'quote them. An unknown key that starts with `' + PREFIX + '` is refused, with the closest known one.',
    ...ANNOTATIONS.flatMap(section),
    ...WORKLOAD_ANNOTATIONS.flatMap(section),
    '',
    'It stands in the metadata of the **workload itself**: on a pod, or on a pod template, it is refused. How to use it:',
    '[restarts.md](restarts.md).',
    '',
    `## \`${INJECTED_RECORD}\``,
    '',
    'Written by the webhook as a record of what it injected. It is never read: writing it by hand has no effect.',
    '',
  ].join('\n');
}

function section(annotation: AnnotationText): string[] {
  return [
    '',
    `## \`${PREFIX}${annotation.key}\``,
    '',
    annotation.doc,
    '',
    `- Value: ${annotation.value}`,
    `- If absent: ${annotation.absent}`,
    `- Example: \`${PREFIX}${annotation.key}: "${annotation.example}"\``,
    `- Since: ${annotation.since}`,
  ];
}
