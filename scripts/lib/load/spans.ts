import { explorerHeaders } from '../explorer-token.ts';

/** The services' counts of their spans, summed over both. */
export interface SpanCounts {
  /** Spans that ended and were to be sent. */
  readonly ended: number;
  /** Lost spans. */
  readonly lost: number;
}

/** Reads the services' /metrics; undefined when one service has none. */
export async function readSpanCounts(services: readonly string[]): Promise<SpanCounts | undefined> {
  const all = await Promise.all(services.map(readMetrics));
  if (all.includes(undefined)) return undefined;
  const sum = (pattern: RegExp) => all.reduce((total, text = '') => total + sumOf(text, pattern), 0);
  return {
    ended: sum(/^otel_sdk_processor_span_processed_total\{([^}]*)\} (\S+)$/gm),
    lost: sum(/^otel_sdk_exporter_span_exported_total\{([^}]*error_type=[^}]*)\} (\S+)$/gm),
  };
}

async function readMetrics(service: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${service}/metrics`, { signal: AbortSignal.timeout(2000) });
    return response.ok ? await response.text() : undefined;
  } catch {
    return undefined;
  }
}

/** The sum for one destination: the explorer's, or the only one. */
function sumOf(text: string, pattern: RegExp): number {
  const samples = [...text.matchAll(pattern)];
  const ofExplorer = samples.filter(([, labels = '']) => labels.includes('destination="otlp"'));
  return (ofExplorer.length > 0 ? ofExplorer : samples).reduce((sum, [, , value]) => sum + Number(value), 0);
}

/** Spans with this `tandem.scenario` in the explorer; undefined when it does not answer. */
export async function countStoredSpans(explorer: string, scenario: string): Promise<number | undefined> {
  const ask = async (path: string, body: unknown) => {
    const response = await fetch(explorer + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...explorerHeaders() },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    return (await response.json()) as { id: string; data?: { results: { data: { COUNT?: number } }[] } };
  };
  try {
    const { id } = await ask('/1/queries/__all__', {
      calculations: [{ op: 'COUNT' }],
      filters: [{ column: 'tandem.scenario', op: '=', value: scenario }],
      time_range: 7200,
    });
    const { data } = await ask('/1/query_results/__all__', { query_id: id });
    return data === undefined ? undefined : (data.results[0]?.data.COUNT ?? 0);
  } catch {
    return undefined;
  }
}
