import { z } from 'zod';

import { duration, emptyOr, object, objectName, section } from './kinds.ts';

const servingName = z
  .string('a DNS name or an IP address')
  .regex(/^[A-Za-z0-9.:]([-A-Za-z0-9.:]{0,251}[A-Za-z0-9.:])?$/, 'a DNS name or an IP address');

export const certificates = section({
  source: z.enum(['controller', 'cert-manager', 'secret'], 'controller, cert-manager or secret'),
  servingNames: z.array(servingName),
  certManager: section({ issuerRef: object, duration, renewBefore: duration }),
  secret: section({
    name: objectName,
    caBundle: emptyOr(/^\s*-----BEGIN CERTIFICATE-----/, 'PEM, starting with -----BEGIN CERTIFICATE-----'),
  }),
});
