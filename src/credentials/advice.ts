interface Advice {
  /** In what tbot says; Teleport's own texts, and those of API servers. */
  readonly on: RegExp;
  readonly fix: (bot: string) => string;
}

/** The first that fits is given. */
const ADVICE: readonly Advice[] = [
  {
    on: /did not match any allow rules/i,
    fix: (bot) => `allow the service account of the tbot of bot ${bot} in its join token in Teleport`,
  },
  {
    on: /\baudience\b/i,
    fix: () => 'set teleport.clusterName to the name of the Teleport cluster',
  },
  {
    on: /issuer does not match|discovering oidc/i,
    fix: (bot) => `compare the issuer in the join token of bot ${bot} with that of this cluster`,
  },
  {
    on: /apply failed with|object has been modified/i,
    fix: () => 'find who else writes that Secret: kubectl get secret -o yaml --show-managed-fields',
  },
  {
    on: /secrets? .*forbidden/i,
    fix: (bot) => `look at the RoleBinding and ClusterRole of bot ${bot}`,
  },
  {
    on: /denied|not found|no .*(match|available)/i,
    fix: (bot) =>
      `see whether what the output names exists, and whether the bot's roles reach it: tctl get bot/${bot}, ` +
      `tctl bots update ${bot} --add-roles=ROLE`,
  },
];

/** What to do next about something that tbot has said. */
export function adviceOn(says: string | undefined, bot: string): string {
  const found = says === undefined ? undefined : ADVICE.find(({ on }) => on.test(says));
  return found?.fix(bot) ?? `read the log of the tbot of bot ${bot}`;
}
