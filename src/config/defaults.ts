/** The Secret of an output that names none. */
export function defaultSecretName(output: string): string {
  return `tbot-${output}`;
}

/** Where an output that names no path is mounted. */
export function defaultMountPath(mountRoot: string, output: string): string {
  return `${mountRoot}/${output}`;
}
