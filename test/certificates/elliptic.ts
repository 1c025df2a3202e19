import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import forge from 'node-forge';

const { asn1, pki, util } = forge;
/** forge exports it, but its types do not know it. */
const { getTBSCertificate } = pki as unknown as {
  getTBSCertificate: (certificate: forge.pki.Certificate) => forge.asn1.Asn1;
};
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';

export interface EllipticChain {
  /** The leaf, for `b.example`, and its intermediate. */
  readonly certificate: string;
  readonly key: string;
  /** The root. */
  readonly ca: string;
  readonly caKey: string;
}

interface Authority {
  readonly name: string;
  readonly key: KeyObject;
}

/** What cert-manager would mount: certificates with elliptic keys, which node-forge can neither read nor make. */
export function issueEllipticChain(now: Date, leaf = makeKeys()): EllipticChain {
  const root = makeKeys();
  const intermediate = makeKeys();
  const rootName = { name: 'elliptic root', key: root.privateKey };
  const intermediateName = { name: 'elliptic intermediate', key: intermediate.privateKey };
  const authority = [{ name: 'basicConstraints', critical: true, cA: true }];
  const names = [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'b.example' }] }];
  const leafPem = issue('elliptic leaf', leaf.publicKey, intermediateName, names, now);
  const intermediatePem = issue(intermediateName.name, intermediate.publicKey, rootName, authority, now);
  return {
    certificate: leafPem + intermediatePem,
    key: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ca: issue(rootName.name, root.publicKey, rootName, authority, now),
    caKey: root.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function makeKeys(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** forge encodes the certificate with a stand-in key; the real key and the signature are then put in by hand. */
function issue(subject: string, key: KeyObject, issuer: Authority, extensions: object[], now: Date): string {
  const certificate = pki.createCertificate();
  certificate.publicKey = STAND_IN;
  certificate.serialNumber = '40';
  certificate.validity.notBefore = new Date(now.getTime() - 3_600_000);
  certificate.validity.notAfter = new Date(now.getTime() + 86_400_000);
  certificate.setSubject([{ name: 'commonName', value: subject }]);
  certificate.setIssuer([{ name: 'commonName', value: issuer.name }]);
  certificate.setExtensions(extensions);
  certificate.siginfo.algorithmOid = ECDSA_WITH_SHA256;
  certificate.signatureOid = ECDSA_WITH_SHA256;
  const algorithm = (): forge.asn1.Asn1 =>
    asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [
      asn1.create(asn1.Class.UNIVERSAL, asn1.Type.OID, false, asn1.oidToDer(ECDSA_WITH_SHA256).getBytes()),
    ]);
  const body = getTBSCertificate(certificate);
  const fields = body.value as forge.asn1.Asn1[];
  fields[2] = algorithm();
  fields[6] = asn1.fromDer(util.createBuffer(key.export({ type: 'spki', format: 'der' }).toString('binary')));
  const signature = sign('sha256', Buffer.from(asn1.toDer(body).getBytes(), 'binary'), issuer.key);
  const whole = asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [
    body,
    algorithm(),
    asn1.create(asn1.Class.UNIVERSAL, asn1.Type.BITSTRING, false, `\0${signature.toString('binary')}`),
  ]);
  const base64 = Buffer.from(asn1.toDer(whole).getBytes(), 'binary').toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${base64.replaceAll(/(.{64})/g, '$1\n').trimEnd()}\n-----END CERTIFICATE-----\n`;
}

const STAND_IN = pki.publicKeyFromPem(
  generateKeyPairSync('rsa', { modulusLength: 1024 })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString(),
);
