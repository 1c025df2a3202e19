/** A release of tbot: `[major, minor, patch]`. A pre-release counts as its release. */
export type Version = readonly [major: number, minor: number, patch: number];

/** The first release whose `kubernetes_secret` destination has a `namespace` (gravitational/teleport PR 58203). */
export const OLDEST_TBOT = '18.1.7';

export const VERSION_PATTERN = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:-[0-9A-Za-z.-]+)?$/;

/** Parses `18.8.1` or `19.0.0-rc.1`; undefined for any other text, also with a leading `v`. */
export function parseVersion(text: string): Version | undefined {
  const match = VERSION_PATTERN.exec(text);
  if (match === null) return undefined;
  return [Number(match[1]), Number(match[2]), Number(match[3])];
}

/** Whether `version` is `minimum` or newer; false if {@link parseVersion} cannot parse one of them. */
export function isAtLeast(version: string, minimum: string): boolean {
  const have = parseVersion(version);
  const want = parseVersion(minimum);
  if (have === undefined || want === undefined) return false;
  const [major, minor, patch] = have;
  const [wantMajor, wantMinor, wantPatch] = want;
  if (major !== wantMajor) return major > wantMajor;
  if (minor !== wantMinor) return minor > wantMinor;
  return patch >= wantPatch;
}
