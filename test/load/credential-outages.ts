/**
 * `node test/load/credential-outages.ts [seconds away] [seconds frozen]`: the faults of test/cluster/credentials-outages,
 * as long as they may last in earnest.
 */
import { apiServerAway, cutOff, frozenLeader, leaseDeleted } from '../cluster/credentials/outages.ts';
import { withStage } from './cluster.ts';
import { progress } from './figures.ts';

/** A leader that is frozen while it works may have calls under way. */
const FREEZES = 5;

const away = Number(process.argv[2] ?? 180);
const frozen = Number(process.argv[3] ?? 60);

await withStage(async (stage) => {
  await stage.optIn('team-0', 'team-1');
  const tell = (what: string, found: object): void => {
    progress(`${what}: ${JSON.stringify(found)}`);
  };
  tell(`no API server for ${away} s`, await apiServerAway(stage, away));
  tell(`cut off from it for ${away} s`, await cutOff(stage, away));
  tell(`frozen for ${frozen} s at rest`, await frozenLeader(stage, { seconds: frozen, isBusy: false }));
  for (let freeze = 0; freeze < FREEZES; freeze++) {
    const { byThawed, ...found } = await frozenLeader(stage, { seconds: 20, isBusy: true });
    const calls = byThawed.map(({ verb, resource, status }) => `${verb} ${resource} ${status}`);
    tell('frozen for 20 s at work', { ...found, calls });
  }
  tell('Lease deleted five times', await leaseDeleted(stage, 5));
});
