import type { EnvVar, Volume } from './plan.ts';
import type { ContainerView } from './pod.ts';

/** One volume that goes to some containers, with the variables by which tools find it. */
export interface Attachment {
  /** What asked for it, for problems: `tbot-injector.io/outputs: a`. */
  readonly from: string;
  readonly volume: Volume;
  readonly mountPath: string;
  /** No annotation chooses another path for it. */
  readonly isFixed: boolean;
  readonly env: readonly EnvVar[];
  /** Said where the volume is really added. */
  readonly warning: string | undefined;
  readonly containers: ReadonlySet<ContainerView>;
  /** What to do where the path is taken. */
  readonly pathFix: string;
}
