/** What a service of tbot reports; `initializing` until its first report. */
export interface ServiceStatus {
  readonly status: 'initializing' | 'healthy' | 'unhealthy';
  readonly reason?: string | undefined;
  readonly updated_at: string | null;
}

export interface OverallStatus {
  readonly status: 'healthy' | 'unhealthy';
  readonly services: Readonly<Record<string, ServiceStatus>>;
}

/** How the services are, and who waits for their first report; as lib/tbot/readyz of Teleport 18. */
export class Readiness {
  readonly #services = new Map<string, ServiceStatus>();
  readonly #waiting = new Set<() => void>();

  /** These are its services from now on, and none has reported. */
  restart(...names: readonly string[]): void {
    this.#services.clear();
    for (const name of names) this.#services.set(name, { status: 'initializing', updated_at: null });
  }

  report(name: string, status: 'healthy' | 'unhealthy', reason?: string): void {
    this.#services.set(name, { status, reason, updated_at: new Date().toISOString() });
    for (const look of this.#waiting) look();
  }

  of(name: string): ServiceStatus | undefined {
    return this.#services.get(name);
  }

  overall(): OverallStatus {
    const isHealthy = this.#services.values().every(({ status }) => status === 'healthy');
    return { status: isHealthy ? 'healthy' : 'unhealthy', services: Object.fromEntries(this.#services) };
  }

  /** Until the service, or every one, has reported once, healthy or not. */
  async reported(name: string | undefined, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const look = (): void => {
      const awaited = name === undefined ? this.#services.values() : [this.#services.get(name)].values();
      if (signal.aborted || awaited.every((each) => each?.status !== 'initializing')) resolve(undefined);
    };
    this.#waiting.add(look);
    signal.addEventListener('abort', look);
    look();
    await promise;
    this.#waiting.delete(look);
  }
}
