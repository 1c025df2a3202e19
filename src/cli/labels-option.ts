import { INJECTION_ENABLED, INJECTION_LABEL } from '../config/opt-in.ts';
import { UsageError, type Arguments, type Option } from './command.ts';

export const LABELS_OPTION: Option = {
  name: 'namespace-labels',
  value: 'K=V,...',
  doc: `labels of the namespace, beside ${INJECTION_LABEL}=${INJECTION_ENABLED}`,
};

/** The labels of `--namespace-labels`; without a word against it, the namespace counts as opted in. */
export function readLabels(args: Arguments): Readonly<Record<string, string>> {
  const pairs = args
    .texts(LABELS_OPTION.name)
    .flatMap((list) => list.split(','))
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '');
  const labels = pairs.map((pair) => {
    const equals = pair.indexOf('=');
    if (equals < 1) throw new UsageError(`--${LABELS_OPTION.name}: found "${pair}"; expected KEY=VALUE`);
    return [pair.slice(0, equals), pair.slice(equals + 1)] as const;
  });
  return Object.fromEntries([[INJECTION_LABEL, INJECTION_ENABLED], ...labels]);
}
