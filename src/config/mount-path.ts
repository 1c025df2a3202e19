import { posix } from 'node:path';

/** PATH_MAX and NAME_MAX of Linux, the first without its closing NUL. */
const LONGEST_PATH = 4095;
const LONGEST_SEGMENT = 255;

/** File systems of the kernel: container runtimes refuse to mount over them. */
export const KERNEL_FOLDERS = ['/proc', '/sys', '/dev'];

/** Where Kubernetes mounts a service account's token into nearly every container. */
export const ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Why a text cannot be a mountPath, as the "expected" of a problem; undefined for one that can. */
export function mountPathFault(path: string): string | undefined {
  if (!path.startsWith('/')) return 'an absolute path, starting with "/"';
  // eslint-disable-next-line no-control-regex -- control characters are just what it looks for
  if (/[:\u0000-\u001f\u007f]/.test(path)) return 'a path without ":" and control characters';
  const segments = path.split('/');
  if (segments.includes('..')) return 'a path without ".."';
  if (segments.some((segment) => segment !== segment.trim()))
    return 'a path whose parts neither start nor end with a space';
  if (segments.some((segment) => Buffer.byteLength(segment) > LONGEST_SEGMENT)) {
    return `a path whose parts have at most ${LONGEST_SEGMENT} bytes`;
  }
  if (Buffer.byteLength(path) > LONGEST_PATH) return `a path of at most ${LONGEST_PATH} bytes`;
  const normal = normalizeMountPath(path);
  if (normal === '/') return 'a folder below "/"';
  if (KERNEL_FOLDERS.some((folder) => contains(folder, normal)))
    return `a path outside ${KERNEL_FOLDERS.join(', ')}`;
  if (contains(ACCOUNT_FOLDER, normal) || contains(normal, ACCOUNT_FOLDER)) {
    return `a path that does not cover ${ACCOUNT_FOLDER}`;
  }
  return undefined;
}

/** The one way to write a path: no `//`, no `/./`, no closing `/`. */
export function normalizeMountPath(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

/** True where `inner` is `outer` or lies below it; both normalized. */
export function contains(outer: string, inner: string): boolean {
  return outer === inner || outer === '/' || inner.startsWith(`${outer}/`);
}
