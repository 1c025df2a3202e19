import type { Registry } from 'prom-client';

interface Described<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
}

/** An entry of the table as prom-client wants it, for these registries. */
export function metricConfig(registers: Registry[]) {
  return <Label extends string>({ name, help, labels }: Described<Label>) => ({
    name,
    help,
    labelNames: labels,
    registers,
  });
}
