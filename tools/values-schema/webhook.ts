import { z } from 'zod';

import {
  count,
  disruptionBudget,
  emptyOr,
  objectName,
  objects,
  placement,
  port,
  section,
  stringMap,
  texts,
  toggle,
  wholeNumber,
} from './kinds.ts';

const timeoutSeconds = wholeNumber(1, 30);

export const webhook = section({
  url: emptyOr(
    /^https:\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:\d{1,5})?(\/[^?#\s]*)?$/,
    'https://host:port, without user, query and fragment',
  ),
  replicas: count,
  autoscaling: section({
    enabled: toggle,
    minReplicas: count,
    maxReplicas: count,
    targetCPUUtilizationPercentage: count,
  }),
  ...placement,
  containerPort: port,
  healthPort: port,
  hostNetwork: toggle,
  service: section({ annotations: stringMap }),
  podDisruptionBudget: disruptionBudget,
  topologySpreadConstraints: objects,
  extraArgs: texts,
  clientCertificates: section({ configMapName: objectName, names: texts }),
  mutate: section({ failurePolicy: z.enum(['Fail', 'Ignore'], 'Fail or Ignore'), timeoutSeconds }),
  check: section({ enabled: toggle, timeoutSeconds }),
});

export const controller = section({
  replicas: count,
  ...placement,
  podDisruptionBudget: disruptionBudget,
  eviction: toggle,
  workloadRestarts: toggle,
  topologySpreadConstraints: objects,
  extraArgs: texts,
});
