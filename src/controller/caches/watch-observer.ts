import type { WatchReport } from '../../kubernetes/delivery.ts';

export interface WatchObserver {
  watchReported(resource: string, report: WatchReport): void;
  /** Until `watchEnded` the watch may be looked at. */
  watchStarted(resource: string, watch: WatchSeen): void;
  watchEnded(resource: string): void;
}

export interface WatchSeen {
  readonly lastContact: number | undefined;
  readonly restarts: number;
}
