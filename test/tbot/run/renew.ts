import type { Service } from '../config/service.ts';
import { destinationOf, type Destination, type Surroundings } from '../destinations/destination.ts';
import { messageOf, within } from '../fault.ts';

/** A service that writes, with the place where it does. */
export interface Output {
  readonly service: Service;
  readonly destination: Destination;
}

export function outputsOf(services: readonly Service[], surroundings: Surroundings): readonly Output[] {
  return services.flatMap((service) => {
    const destination = destinationOf(service, surroundings);
    return destination === undefined ? [] : [{ service, destination }];
  });
}

/** What tbot does before it joins: one destination after the other, up to the first that fails. */
export async function initDestinations(
  outputs: readonly Output[],
): Promise<{ readonly service: string; readonly error: unknown } | undefined> {
  for (const { service, destination } of outputs) {
    try {
      await destination.init();
    } catch (error) {
      return { service: service.name, error: within(`initializing destination of ${service.name}`, error) };
    }
  }
  return undefined;
}

/** One key after the other; throws at the first that cannot be written. */
export async function writeCredential({ service, destination }: Output, round: number): Promise<void> {
  for (const key of service.keys)
    await destination.write(key, key === '.write-test' ? '' : `${key} ${round}`);
}

/** SVIDs fail without a word in the status; their reason is in the log alone. */
const SILENT = ['workload-identity-x509', 'workload-identity-jwt'];

/** What a service reports of a renewal that failed. */
export function reasonOf({ type }: Service, error: unknown): string | undefined {
  return SILENT.includes(type) ? undefined : messageOf(error);
}
