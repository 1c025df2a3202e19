import { normalizeMountPath } from '../config/mount-path.ts';
import { defaultMountPath, defaultSecretName, type Config, type OutputConfig } from '../config/schema.ts';
import { envOffers, secretKeys } from '../teleport/output-keys.ts';
import { OUTPUT_TYPES } from '../teleport/output-types.ts';

/** An environment variable for consumers; the value of a `file` is its path below the mount. */
export interface GrantedEnv {
  readonly name: string;
  readonly value: { readonly file: string } | { readonly text: string };
}

/** An output with all decisions of the platform resolved. */
export interface GrantedOutput {
  readonly name: string;
  readonly bot: string;
  readonly secretName: string;
  readonly volumeName: string;
  readonly mountPath: string;
  readonly requiredKeys: readonly string[];
  readonly optionalKeys: readonly string[];
  /** The configured file mode; undefined: the pod's securityContext decides. */
  readonly defaultMode: number | undefined;
  readonly holdsPrivateKey: boolean;
  readonly env: readonly GrantedEnv[];
}

/** Resolves an output of a valid configuration: fills in defaults, and takes keys and env from its type. */
export function resolveOutput(
  config: Config,
  bot: string,
  name: string,
  settings: OutputConfig,
): GrantedOutput {
  const type = OUTPUT_TYPES.get(settings.tbot.type);
  if (type === undefined)
    throw new Error(`output ${name} has an unknown type; loadConfig should have refused it`);
  const keys = secretKeys(type, settings.tbot);
  const requiredKeys = settings.requiredKeys ?? keys.required;
  return {
    name,
    bot,
    secretName: settings.secretName ?? defaultSecretName(name),
    volumeName: `tbot-output-${name}`,
    mountPath: normalizeMountPath(settings.mountPath ?? defaultMountPath(config.injection.mountRoot, name)),
    requiredKeys,
    optionalKeys: [...keys.required, ...keys.optional].filter((key) => !requiredKeys.includes(key)),
    defaultMode: settings.defaultMode,
    holdsPrivateKey: type.holdsPrivateKey,
    env: envOffers(type, settings.tbot)
      .filter((offer) => settings.env ?? offer.byDefault)
      .map(({ name: variable, value }) => ({
        name: variable,
        value: value === 'proxyServer' ? { text: config.teleport.proxyServer } : value,
      })),
  };
}
