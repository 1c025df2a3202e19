const MINIMAL = {
  teleport: { clusterName: 'example.teleport.sh', proxyServer: 'example.teleport.sh:443' },
  tbot: { version: '18.8.1' },
};
/** The part of values that is config.yaml. */
const ROOMS = ['teleport', 'tbot', 'bots', 'injection', 'telemetry'];

/** What config.yaml says with the fewest values and these. */
export function configOf(values: object): string {
  return JSON.stringify({
    ...MINIMAL,
    ...Object.fromEntries(Object.entries(values).filter(([room]) => ROOMS.includes(room))),
  });
}
