import type { EnvVar, Volume } from './plan.ts';
import type { ContainerView } from './pod.ts';

/** One volume that goes to some containers, with the variables by which tools find it. */
export interface Attachment {
  /** What asked for it, for problems: `tbot-injector.io/outputs: a`. */
  readonly from: string;
  readonly volume: Volume;
  readonly mountPath: string;
  readonly env: readonly EnvVar[];
  readonly containers: ReadonlySet<ContainerView>;
  /** What to do where the path is taken. */
  readonly pathFix: string;
}
