/** How long what we issue lives, in days. */
export const CA_LIFETIME_DAYS = 365;
export const SERVING_LIFETIME_DAYS = 30;

/** How far NotBefore lies in the past: clocks of API servers and nodes run apart. */
export const BACKDATED_MS = 60 * 60 * 1000;

export const DAY_MS = 24 * 60 * 60 * 1000;
