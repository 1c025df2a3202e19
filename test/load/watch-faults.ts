/**
 * `node test/load/watch-faults.ts`: every fault that a watch can meet, as long as it may last in earnest, and the
 * seconds from its end until the cache was right again.
 */
import { FAULTS } from '../cluster/watch/faults.ts';
import { OUTAGES } from '../cluster/watch/outages.ts';
import { tryFault, type Fault, type Recovery } from '../cluster/watch/trial.ts';
import { withCluster } from './cluster.ts';

await withCluster(async (cluster) => {
  const attempt = (fault: Fault, name: string): Promise<void> =>
    tryFault(cluster, fault, name, fault.seconds.script).then(
      (recovery) => {
        print(fault, recovery);
      },
      (error: unknown) => {
        console.log(fault.name, error);
        process.exitCode = 1;
      },
    );
  await Promise.all(FAULTS.map((fault, index) => attempt(fault, `fault-${index}`)));
  for (const [index, outage] of OUTAGES.entries()) await attempt(outage, `outage-${index}`);
});

function print({ name, seconds: { script } }: Fault, { seconds, restarts, watches, wrong }: Recovery): void {
  const row = [
    name.padEnd(66),
    `for ${script.toString().padStart(2)} s`,
    `right again after ${seconds.toFixed(1).padStart(4)} s`,
    `${restarts.counted} restarts`,
    `${watches.times.length} watches, at most ${watches.most} at once`,
    wrong.length === 0 ? '' : `WRONG: ${wrong.join(' ')}`,
  ];
  console.log(row.join('  '));
}
