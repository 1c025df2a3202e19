import { posix } from 'node:path';

/** PATH_MAX of Linux without its closing NUL, and NAME_MAX. */
const MAX_PATH_BYTES = 4095;
const MAX_SEGMENT_BYTES = 255;

/** Container runtimes refuse to mount over these file systems of the kernel. */
export const KERNEL_FOLDERS = ['/proc', '/sys', '/dev'];

/** Where Kubernetes mounts a service account's token into nearly every container. */
export const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What a mountPath must be and this one is not, as the "expected" of a problem; undefined: it is valid. */
export function validateMountPath(path: string): string | undefined {
  if (!path.startsWith('/')) return 'an absolute path, starting with "/"';
  // eslint-disable-next-line no-control-regex -- it searches for control characters
  if (/[:\u0000-\u001f\u007f]/.test(path)) return 'a path without ":" and control characters';
  const segments = path.split('/');
  if (segments.includes('..')) return 'a path without ".."';
  if (segments.some((segment) => segment !== segment.trim()))
    return 'a path whose parts neither start nor end with a space';
  if (segments.some((segment) => Buffer.byteLength(segment) > MAX_SEGMENT_BYTES)) {
    return `a path whose parts have at most ${MAX_SEGMENT_BYTES} bytes`;
  }
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `a path of at most ${MAX_PATH_BYTES} bytes`;
  const normalized = normalizeMountPath(path);
  if (normalized === '/') return 'a folder below "/"';
  if (KERNEL_FOLDERS.some((folder) => contains(folder, normalized)))
    return `a path outside ${KERNEL_FOLDERS.join(', ')}`;
  if (contains(SERVICE_ACCOUNT_FOLDER, normalized) || contains(normalized, SERVICE_ACCOUNT_FOLDER)) {
    return `a path that does not cover ${SERVICE_ACCOUNT_FOLDER}`;
  }
  return undefined;
}

/** The canonical form of a path: without `//`, `/./` and a closing `/`. */
export function normalizeMountPath(path: string): string {
  const normalized = posix.normalize(path);
  return normalized.length > 1 && normalized.endsWith('/') ? normalized.slice(0, -1) : normalized;
}

/** Whether `inner` is `outer` or is below it; both are normalized. */
export function contains(outer: string, inner: string): boolean {
  return outer === inner || outer === '/' || inner.startsWith(`${outer}/`);
}
