import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

// `npm run e2e -- --kubeconfig FILE --image REPOSITORY:TAG`: plays the scenes of test/node on a cluster that is there.
// Without flags on a node of its own, as `npm test` does.
const USAGE = 'npm run e2e -- [--kubeconfig FILE --image REPOSITORY:TAG]';

try {
  const { values } = parseArgs({ options: { kubeconfig: { type: 'string' }, image: { type: 'string' } } });
  const { kubeconfig, image } = values;
  if ((kubeconfig === undefined) !== (image === undefined)) throw new Error('both flags, or none');
  if (image !== undefined && !/^[^@]+:[^:/@]+$/.test(image)) throw new Error('--image needs a tag');
  const env = { ...process.env, ...(kubeconfig && { E2E_KUBECONFIG: kubeconfig, E2E_IMAGE: image }) };
  const { status } = spawnSync('vitest', ['run', '--project', 'node'], { env, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}; usage: ${USAGE}`);
  process.exitCode = 2;
}
