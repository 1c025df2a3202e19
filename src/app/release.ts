import { namesOfRelease, namesOfService, type ReleaseNames } from '../controller/names.ts';

/** What the command line says of a release. */
export interface ReleaseFlags {
  readonly namespace: string;
  /** Fullname of the release. */
  readonly name: string;
  /** Service of the webhook; undefined: that of the chart. */
  readonly service: string | undefined;
  /** Names and addresses of the serving certificate beside those of the Service. */
  readonly furtherNames: readonly string[];
  /** ServiceAccounts of bots that do not run as that of the chart. */
  readonly accounts: ReadonlyMap<string, string>;
}

export interface Release {
  readonly namespace: string;
  readonly names: ReleaseNames;
  readonly service: string;
  readonly servingNames: readonly string[];
  /** The ServiceAccount that each bot's tbot runs as. */
  readonly accountOf: (bot: string) => string;
}

/** Names that the flags leave out come from that of the release. */
export function releaseOf({ namespace, name, accounts, furtherNames, ...flags }: ReleaseFlags): Release {
  const names = namesOfRelease(name);
  const service = flags.service ?? names.service;
  return {
    namespace,
    names,
    service,
    servingNames: [...namesOfService(service, namespace), ...furtherNames],
    accountOf: (bot) => accounts.get(bot) ?? names.bot(bot),
  };
}
