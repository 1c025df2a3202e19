/** A tbot.yaml whose first service is sound, and whose others are these, each the lines of one. */
export function configText(services: readonly string[], top = ''): string {
  return `version: v2
proxy_server: example.teleport.sh:443
onboarding: {join_method: kubernetes, token: example}
storage: {type: memory}
${top}
services:
  - {type: identity, name: sound, destination: ${SECRET}}
${services.map((service) => `  - ${service}`).join('\n')}
`;
}

export const SECRET = '{type: kubernetes_secret, name: tbot-x, namespace: team}';
