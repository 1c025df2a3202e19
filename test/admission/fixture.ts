import type { RequestListener } from 'node:http';
import type { AllowedClients } from '../../src/admission/client-auth.ts';
import { fixedNamespaces, type NamespaceSource, type AdmissionRecord } from '../../src/admission/settings.ts';
import { createDecider, type Decider } from '../../src/admission/decider.ts';
import { createReviewRoute } from '../../src/admission/route.ts';
import { createAdmissionListener } from '../../src/admission/server.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';

export const OPTED_IN = { 'tbot-injector.io/injection': 'enabled' } as const;

const CONFIG = `
teleport: {clusterName: example.teleport.sh, proxyServer: "example.teleport.sh:443"}
tbot: {version: 18.8.1}
bots:
  example:
    join: {method: kubernetes, token: example-bot}
    namespaces: {all: true, acceptClusterWide: true}
    outputs: {identity-output: {secretName: identity-output, mountPath: /identity-output, tbot: {type: identity}}}
  payments:
    join: {method: kubernetes, token: payments-bot}
    namespaces: {selector: {matchLabels: {team: payments}}}
    outputs: {payments-db: {tbot: {type: database, service: db}}}
`;

export function testConfig(text = CONFIG): Config {
  const loaded = loadConfig(text);
  if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

/** A pod that asks for the identity output, and more as the test needs. */
export function pod(
  annotations: Record<string, unknown> = { 'tbot-injector.io/outputs': 'identity-output' },
): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'app', annotations },
    spec: { securityContext: { fsGroup: 1000 }, containers: [{ name: 'app' }] },
  };
}

export function review(object: unknown, request: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u-1',
      resource: { group: '', version: 'v1', resource: 'pods' },
      operation: 'CREATE',
      namespace: 'default',
      object,
      ...request,
    },
  };
}

export interface Route {
  readonly listener: RequestListener;
  /** Reviews that the observer was given, oldest first. */
  readonly records: AdmissionRecord[];
  /** Reviews begun and not yet finished. */
  readonly open: () => number;
}

export interface RouteOptions {
  readonly namespaces?: NamespaceSource;
  readonly decide?: Decider;
  readonly maxInFlight?: number;
  readonly maxBodyBytes?: number;
  readonly clients?: AllowedClients;
}

export function testRoute(options: RouteOptions = {}): Route {
  const records: AdmissionRecord[] = [];
  let open = 0;
  const observer = {
    started: () => {
      open++;
    },
    finished: (record: AdmissionRecord) => {
      open--;
      records.push(record);
    },
  };
  const config = testConfig();
  const namespaces = options.namespaces ?? fixedNamespaces(OPTED_IN);
  const route = createReviewRoute({
    decide: options.decide ?? createDecider({ config, namespaces }),
    observer,
    config,
    maxInFlight: options.maxInFlight ?? 100,
    maxBodyBytes: options.maxBodyBytes ?? 1 << 26,
    clients: options.clients,
  });
  return { listener: createAdmissionListener(route), records, open: () => open };
}

/** The operations of an AdmissionReview's answer. */
export function patchOf(body: unknown): { op: string; path: string; value: unknown }[] {
  const { response } = body as { response: { patch?: string } };
  return JSON.parse(Buffer.from(response.patch ?? '', 'base64').toString()) as {
    op: string;
    path: string;
    value: unknown;
  }[];
}
