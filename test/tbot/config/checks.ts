/** The decoded fields of a service; what is not set, or null, is undefined. */
export type Fields = Readonly<Record<string, unknown>>;

/** One check of tbot's `CheckAndSetDefaults`: what it refuses with, or undefined. */
export type Check = (fields: Fields) => string | undefined;

/** Neither absent nor empty: a text, or a list with something in it. */
export const filled =
  (name: string, refusal: string): Check =>
  (fields) =>
    isFilled(fields[name]) ? undefined : refusal;

export const oneOf =
  (name: string, values: readonly string[], refusal: (found: string) => string): Check =>
  (fields) => {
    const found = textOf(fields[name]);
    return found === '' || values.includes(found) ? undefined : refusal(found);
  };

export const noRoles: Check = ({ roles }) =>
  isFilled(roles)
    ? 'roles: the roles field is no longer supported and must be removed from your configuration'
    : undefined;

/** Of `workload-identity-*`: `labels` maps to lists. */
export const workloadIdentitySelector: Check = ({ selector }) => {
  const { name, labels } = (selector ?? {}) as Selector;
  const refuse = (why: string): string => `validating selector\n\t${why}`;
  if (!isFilled(name) && !labels?.size) return refuse("one of ['name', 'labels'] must be set");
  if (isFilled(name) && labels?.size) return refuse("at most one of ['name', 'labels'] can be set");
  const empty = [...(labels ?? [])].find(([, values]) => values.length === 0);
  return empty && refuse(`labels[${empty[0]}]: must have at least one value`);
};

/** Of `kubernetes/*`: `labels` maps to texts. */
export const clusterSelectors: Check = ({ selectors }) => {
  for (const { name, labels } of (selectors ?? []) as readonly Selector[]) {
    if (!isFilled(name) && !labels?.size) return "selectors: one of 'name' and 'labels' must be specified";
    if (isFilled(name) && labels?.size) return "selectors: only one of 'name' and 'labels' may be specified";
  }
  return undefined;
};

/** This player knows the variables of the template and no functions of Go's templates. */
export const contextNameTemplate: Check = (fields) => {
  const template = textOf(fields['context_name_template']);
  const rest = template.replaceAll(/\{\{-?\s*\.(?:ClusterName|KubeName)\s*-?\}\}/g, '');
  return rest.includes('{{') ? `context_name_template is invalid: template: ${template}` : undefined;
};

export const trustDomains: Check = (fields) => {
  const unknown = ((fields['trust_domains'] ?? []) as readonly string[]).find(
    (each) => each !== 'app_client',
  );
  return unknown && `invalid trust domain "${unknown}". supported trust_domains: "app_client"`;
};

export const arn =
  (name: string): Check =>
  (fields) => {
    const text = textOf(fields[name]);
    const refuse = (why: string): string => `parsing ${name}\n\tarn: ${why}`;
    if (!text.startsWith('arn:')) return refuse('invalid prefix');
    return text.split(':').length < 6 ? refuse('not enough sections') : undefined;
  };

export const awsRegion: Check = ({ region }) =>
  !isFilled(region) || /^[a-z]{2}(-[a-z]+)+-\d+$/.test(textOf(region))
    ? undefined
    : `validating region\n\tregion ${textOf(region)} is invalid`;

const HOUR_MS = 3_600_000;

export const awsSession: Check = (fields) => {
  const duration = (fields['session_duration'] as number | undefined) || 6 * HOUR_MS;
  const renewal = (fields['session_renewal_interval'] as number | undefined) || HOUR_MS;
  if (duration > 12 * HOUR_MS) return 'session_duration: must be less than or equal to 12 hours';
  return renewal >= duration ? 'session_renewal_interval: must be less than session_duration' : undefined;
};

interface Selector {
  readonly name?: string;
  readonly labels?: ReadonlyMap<string, string | readonly string[]>;
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' || Array.isArray(value) ? value.length > 0 : false;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
