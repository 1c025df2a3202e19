/** A release of tbot: `[major, minor, patch]`. A pre-release counts as the release it leads to. */
export type Version = readonly [major: number, minor: number, patch: number];

/** Since when a `kubernetes_secret` destination takes a `namespace` (gravitational/teleport PR 58203). */
export const OLDEST_TBOT = '18.1.7';

export const VERSION_PATTERN = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:-[0-9A-Za-z.-]+)?$/;

/** Reads `18.8.1` or `19.0.0-rc.1`; anything else, a leading `v` included, is undefined. */
export function parseVersion(text: string): Version | undefined {
  const match = VERSION_PATTERN.exec(text);
  if (match === null) return undefined;
  return [Number(match[1]), Number(match[2]), Number(match[3])];
}

/** True where `version` is `minimum` or newer; both as text that {@link parseVersion} reads. */
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
