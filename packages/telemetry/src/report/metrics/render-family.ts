/** A metric: one value per set of labels. */
export interface MetricFamily {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
}

/** One value, and the labels that tell it from the others of its family. */
export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number | undefined];

/** A metric with its values. */
export interface MetricValues extends MetricFamily {
  readonly samples: readonly Sample[];
}

/** The metric in Prometheus' text format; samples without a value are left out, and so is a metric without samples. */
export function renderFamily({ name, type, help }: MetricFamily, samples: readonly Sample[]): string {
  const lines = samples
    .filter(([, value]) => value !== undefined)
    .map(([labels, value]) => `${name}${renderLabels(labels)} ${value}\n`);
  return lines.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function renderLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeValue(value: string): string {
  return value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n');
}
