import { PREFIX } from '../config/opt-in.ts';

/** What marks objects in consumers' namespaces as the controller's. The chart's policies go by the same. */
export const MANAGED_BY = 'app.kubernetes.io/managed-by';
export const MANAGER = 'tbot-injector';
export const BOT_LABEL = `${PREFIX}bot`;
export const OUTPUT_LABEL = `${PREFIX}output`;

/** When a namespace lost its label, RFC 3339; what carries it is deleted after the grace period. */
export const ORPHANED_AT = `${PREFIX}orphaned-at`;

/** On the pod template of a tbot Deployment: what its configuration was at the last restart, and when that was. */
export const CONFIG_HASH = `${PREFIX}config-hash`;
export const TBOT_RESTARTED_AT = `${PREFIX}restarted-at`;
