import { tbotImage } from './image.ts';
import { objectName, objects, placement, section, stringMap, toggle } from './kinds.ts';

/** `tbot.deployment`, and `bots.<name>.deployment`, which wins. */
export const deployment = section({
  fips: toggle,
  anonymousTelemetry: toggle,
  image: tbotImage,
  serviceAccount: section({ create: toggle, name: objectName, annotations: stringMap }),
  ...placement,
  env: objects,
  volumes: objects,
  volumeMounts: objects,
});
