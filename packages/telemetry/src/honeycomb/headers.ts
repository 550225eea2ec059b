import { isClassicForm, parseHoneycombKey } from './key-form.ts';

/** The headers that Honeycomb wants on OTLP/HTTP; the dataset only goes with a classic key. */
export function honeycombHeaders(apiKey: string, dataset: string | undefined): Record<string, string> {
  const key = parseHoneycombKey(apiKey);
  const isClassic = key.kind === 'key' && isClassicForm(key.form);
  return {
    'x-honeycomb-team': apiKey,
    ...(isClassic && dataset !== undefined && { 'x-honeycomb-dataset': dataset }),
  };
}
