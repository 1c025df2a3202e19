/** A query of the chart and where it stands, with the labels that its texts mention. */
export interface NamedQuery {
  readonly where: string;
  readonly expr: string;
  /** Of legends and of the texts of alerts. */
  readonly mentioned: readonly string[];
}

export interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface DashboardPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

export interface Dashboard {
  readonly panels: readonly DashboardPanel[];
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly definition?: string;
      readonly regex?: string;
    }[];
  };
}

export function queriesOfRules(rules: readonly Rule[]): readonly NamedQuery[] {
  return rules.map(({ alert, expr, annotations }) => ({
    where: `alert ${alert}`,
    expr,
    mentioned: mentions(Object.values(annotations).join(' '), /\$labels\.(\w+)/g),
  }));
}

/** With Grafana's variables filled in; a variable lists the values of a label of some series. */
export function queriesOfDashboard({ panels, templating }: Dashboard): readonly NamedQuery[] {
  const ofPanels = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({
      where: `panel "${title}"`,
      expr: fill(expr),
      mentioned: mentions(legendFormat, /\{\{(\w+)\}\}/g),
    })),
  );
  const ofVariables = templating.list.flatMap(({ name, definition }) => {
    const [, series = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition ?? '') ?? [];
    // Grafana asks for every job here; the webhook's has what is asked for.
    const expr = series.replace(/\{|$/, '{job="tbot-injector-webhook", ').replace(/, $/, '}');
    return definition === undefined
      ? []
      : [{ where: `variable ${name}`, expr: fill(expr), mentioned: [label] }];
  });
  return [...ofPanels, ...ofVariables];
}

function fill(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', '5m')
    .replaceAll('$namespace', 'tbot-system')
    .replaceAll('$release', 'tbot-injector');
}

function mentions(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, label = '']) => label);
}
