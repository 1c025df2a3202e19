import type { KubernetesClient } from '../../kubernetes/client.ts';
import { CLOCKS } from '../../kubernetes/clocks.ts';
import type { Leadership } from '../../kubernetes/elector.ts';
import { resourceVersionOf } from '../../kubernetes/list.ts';
import { SupervisedWatch } from '../../kubernetes/watch.ts';
import { Bell } from '../runtime/bell.ts';
import { Hold, runPass, type CertificateReport } from './rotate.ts';
import { createCertificateStore } from './certificate-store.ts';
import type { Duty, DutyObserver } from '../runtime/duty.ts';
import { keepDoing, pause } from '../runtime/keep-doing.ts';
import type { ReleaseNames } from '../names.ts';
import { RateLimiter } from '../runtime/rate-limiter.ts';
import type { WatchObserver } from '../caches/watch-observer.ts';
import { WEBHOOK_CONFIGURATIONS } from './webhook-configurations.ts';

export interface CertificateObserver extends DutyObserver, WatchObserver {
  certificates(report: CertificateReport): void;
}

export interface CertificateDutyOptions {
  readonly client: KubernetesClient;
  readonly namespace: string;
  readonly names: ReleaseNames;
  /** Names and addresses under which the webhook is called. */
  readonly servingNames: readonly string[];
  readonly observer: CertificateObserver;
}

/** The wall clock is looked at this often: a timer for a day three months ahead would not survive a night's sleep. */
const LOOK_EVERY_MS = 60_000;

/** Events come in flocks, ours among them. */
const GATHER_MS = 250;

const NAME = 'certificates';

/** In a minute, before the next one waits. */
const MOST_WRITES = 60;

/** Keeps CA, serving certificate and published bundle sound, and puts right whatever happens to them. */
export function createCertificateDuty(options: CertificateDutyOptions): Duty {
  return { name: NAME, run: (leadership) => keepCertificates(options, leadership) };
}

async function keepCertificates(options: CertificateDutyOptions, leadership: Leadership): Promise<void> {
  const { client, servingNames, observer } = options;
  const { signal } = leadership;
  const store = createCertificateStore({ ...options, signal });
  const bell = new Bell();
  const hold = new Hold();
  const rateLimiter = new RateLimiter(MOST_WRITES);
  const watches = watchEverything(options, () => {
    bell.ring();
  });
  const step = async (): Promise<void> => {
    await runPass({
      store,
      names: servingNames,
      // Certificates are for API servers: their time counts.
      now: () => client.contact.serverTime,
      monotonic: CLOCKS.monotonic,
      hold,
      mayWrite: () => leadership.holds(),
      onReport: (report) => {
        if (report.kind === 'done') rateLimiter.wrote(CLOCKS.monotonic());
        observer.certificates(report);
      },
    });
    await bell.wait(LOOK_EVERY_MS, signal);
    await pause(Math.max(GATHER_MS, rateLimiter.pauseMs(CLOCKS.monotonic())), signal);
  };
  try {
    await keepDoing(step, { duty: NAME, client, observer, signal });
  } finally {
    await Promise.all(watches.map((end) => end()));
  }
}

/** One watch for each object that is ours, by name; whatever comes of it is a reason to look. */
function watchEverything(
  options: CertificateDutyOptions,
  ring: () => void,
): readonly (() => Promise<void>)[] {
  const { client, namespace, names, observer } = options;
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  const objects = [
    ...[names.caSecret, names.servingSecret].map((name) => [secrets, name] as const),
    ...WEBHOOK_CONFIGURATIONS.map((path) => [path, names.webhookConfiguration] as const),
  ];
  return objects.map(([path, name]) => {
    const resource = `${path.slice(path.lastIndexOf('/') + 1)}/${name}`;
    const watch = new SupervisedWatch({
      client,
      path,
      query: { fieldSelector: `metadata.name=${name}` },
      read: resourceVersionOf,
      onChange: ring,
      onReport: (report) => {
        observer.watchReported(resource, report);
      },
    });
    observer.watchStarted(resource, watch);
    return async () => {
      await watch.stop();
      observer.watchEnded(resource);
    };
  });
}
