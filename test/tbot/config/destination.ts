import { Fault } from '../fault.ts';
import { decode, goList, goMap, goString, goStruct } from './go-types.ts';
import type { GoNode } from './go-yaml.ts';

export type DestinationConfig =
  | { readonly type: 'memory' }
  | { readonly type: 'directory'; readonly path: string }
  | {
      readonly type: 'kubernetes_secret';
      readonly name: string;
      /** Absent: the environment tells. */
      readonly namespace: string | undefined;
      readonly labels: ReadonlyMap<string, string>;
    };

const HEADER = goStruct('struct { Type string }', { type: goString });
const SECRET = goStruct('k8s.SecretDestination', {
  name: goString,
  namespace: goString,
  labels: goMap('string', goString),
  kubeconfig_path: goString,
  kubeconfig_context: goString,
});
const DIRECTORY = goStruct('destination.Directory', {
  path: goString,
  symlinks: goString,
  acls: goString,
  readers: goList('*botfs.ACLSelector', goStruct('botfs.ACLSelector', { user: goString, group: goString })),
});

const DIRECTORY_MODES = {
  symlinks: ['', 'try-secure', 'secure', 'insecure'],
  acls: ['', 'try', 'off', 'required'],
} as const;

/** Reads it; `check` is for later, as in tbot: all services are read before the first is checked. */
export function readDestination(node: GoNode): { config: DestinationConfig; check: () => void } {
  const type = decode(node, HEADER)?.type ?? '';
  switch (type) {
    case 'memory':
      return { config: { type }, check: () => undefined };
    case 'directory': {
      const { path = '', ...modes } = decode(node, DIRECTORY) ?? {};
      const check = (): void => {
        if (path === '') throw new Fault('destination path must not be empty');
        for (const name of ['symlinks', 'acls'] as const) {
          const mode = modes[name] ?? '';
          if (!(DIRECTORY_MODES[name] as readonly string[]).includes(mode))
            throw new Fault(`invalid ${name} mode: "${mode}"`);
        }
      };
      return { config: { type, path }, check };
    }
    case 'kubernetes_secret': {
      const { name = '', namespace, labels = new Map<string, string>() } = decode(node, SECRET) ?? {};
      const check = (): void => {
        if (name === '') throw new Fault('name must not be empty');
      };
      return { config: { type, name, namespace, labels }, check };
    }
    default:
      throw new Fault(`unrecognized destination type (${type})`);
  }
}
