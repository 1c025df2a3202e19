import { DAY_MS, SERVING_LIFETIME_DAYS } from './lifetimes.ts';

export interface RotationSettings {
  /**
   * How long a bundle is held before anything relies on it: API servers learn of it by watch within a second, webhook
   * pods of a new leaf through the kubelet within two minutes.
   */
  readonly settleMs: number;
  readonly leafLifetimeMs: number;
}

export const ROTATION: RotationSettings = {
  settleMs: 10 * 60 * 1000,
  leafLifetimeMs: SERVING_LIFETIME_DAYS * DAY_MS,
};
