import type { Panel, Query, Row } from './panel.ts';

/** The data source that is chosen at the top of the dashboard. */
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

const ROW_HEIGHT = 1;
const HEIGHTS: Readonly<Record<Panel['kind'], number>> = {
  stat: 4,
  lines: 8,
  areas: 8,
  heatmap: 8,
  table: 7,
};
const COLUMNS = 24;

export interface Variable {
  readonly name: string;
  readonly label: string;
  readonly query: string;
  /** What of the values is kept: its first group. */
  readonly regex?: string;
}

/** A row's title and its panels, from left to right and then below; `top` is the first free line. */
export function drawRow(
  { title, panels }: Row,
  top: number,
  id: number,
): { drawn: object[]; bottom: number } {
  const drawn: object[] = [
    {
      id: id++,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y: top, w: COLUMNS, h: ROW_HEIGHT },
      panels: [],
    },
  ];
  let [x, y, height] = [0, top + ROW_HEIGHT, 0];
  for (const panel of panels) {
    if (x + panel.width > COLUMNS) [x, y, height] = [0, y + height, 0];
    const h = HEIGHTS[panel.kind];
    drawn.push({ id: id++, ...drawPanel(panel), gridPos: { x, y, w: panel.width, h } });
    x += panel.width;
    height = Math.max(height, h);
  }
  return { drawn, bottom: y + height };
}

export function drawVariable({ name, label, query, regex = '' }: Variable): object {
  return {
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    query: { query, refId: name },
    definition: query,
    regex,
    refresh: 2,
    sort: 1,
    current: {},
    options: [],
  };
}

function drawPanel(panel: Panel): object {
  const { title, description, kind, unit, queries, thresholds } = panel;
  const steps = (thresholds ?? [{ colour: 'green' }]).map(({ from = null, colour }) => ({
    value: from,
    color: colour,
  }));
  return {
    title,
    ...(description !== undefined && { description }),
    datasource: DATASOURCE,
    targets: queries.map((query, index) => drawQuery(query, kind, index)),
    ...looks(kind, unit, { mode: 'absolute', steps }),
  };
}

function drawQuery({ expr, legend }: Query, kind: Panel['kind'], index: number): object {
  const now = kind === 'stat' || kind === 'table';
  const format = kind === 'table' || kind === 'heatmap' ? kind : 'time_series';
  return {
    refId: String.fromCharCode('A'.charCodeAt(0) + index),
    datasource: DATASOURCE,
    expr,
    format,
    instant: now,
    range: !now,
    legendFormat: legend ?? '__auto',
  };
}

function looks(kind: Panel['kind'], unit: string, thresholds: object): object {
  switch (kind) {
    case 'stat':
      return {
        type: 'stat',
        fieldConfig: {
          defaults: { unit, decimals: unit === 's' ? 1 : 0, color: { mode: 'thresholds' }, thresholds },
          overrides: [],
        },
        options: {
          colorMode: 'value',
          graphMode: 'none',
          reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
        },
      };
    case 'lines':
    case 'areas':
      return {
        type: 'timeseries',
        fieldConfig: {
          defaults: { unit, color: { mode: 'palette-classic' }, custom: strokes(kind) },
          overrides: [],
        },
        options: {
          legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
          tooltip: { mode: 'multi', sort: 'desc' },
        },
      };
    case 'heatmap':
      return {
        type: 'heatmap',
        fieldConfig: { defaults: {}, overrides: [] },
        options: {
          calculate: false,
          cellGap: 1,
          color: { mode: 'scheme', scheme: 'Oranges', steps: 64, exponent: 0.5 },
          exemplars: { color: 'rgba(255,0,255,0.7)' },
          filterValues: { le: 1e-9 },
          legend: { show: true },
          rowsFrame: { layout: 'auto' },
          showValue: 'never',
          tooltip: { mode: 'single', showColorScale: false, yHistogram: true },
          yAxis: { unit, axisPlacement: 'left', reverse: false },
        },
      };
    case 'table':
      return {
        type: 'table',
        fieldConfig: { defaults: { unit }, overrides: [] },
        options: { showHeader: true },
        transformations: [{ id: 'organize', options: { excludeByName: { Time: true } } }],
      };
  }
}

function strokes(kind: 'lines' | 'areas'): object {
  const stacking = { mode: kind === 'areas' ? 'normal' : 'none', group: 'A' };
  return {
    drawStyle: 'line',
    lineWidth: 1,
    fillOpacity: kind === 'areas' ? 40 : 5,
    showPoints: 'never',
    stacking,
  };
}
