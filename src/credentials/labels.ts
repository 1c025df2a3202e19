import { PREFIX } from '../config/opt-in.ts';

/** These labels mark objects in consumer namespaces as the controller's. The chart's policies use the same ones. */
export const MANAGED_BY = 'app.kubernetes.io/managed-by';
export const MANAGER = 'tbot-injector';
export const BOT_LABEL = `${PREFIX}bot`;
export const OUTPUT_LABEL = `${PREFIX}output`;

/** Annotation: when the namespace lost its label, RFC 3339. The object is deleted after the grace period. */
export const ORPHANED_AT = `${PREFIX}orphaned-at`;

/** Annotations on the pod template of a tbot Deployment: the configuration at its last restart, and the time of that. */
export const CONFIG_HASH = `${PREFIX}config-hash`;
export const TBOT_RESTARTED_AT = `${PREFIX}restarted-at`;
