const LOST = /^otel_sdk_exporter_span_exported_total\{[^}]*error_type=[^}]*\} (\S+)$/gm;

/** How many spans the services count as lost, on /metrics. */
export async function readLostSpans(services: readonly string[]): Promise<number> {
  const all = await Promise.all(services.map(readMetrics));
  const samples = all.flatMap((text) => [...text.matchAll(LOST)]);
  return samples.reduce((sum, [, value]) => sum + Number(value), 0);
}

/** @throws Error when the service does not answer */
async function readMetrics(service: string): Promise<string> {
  const response = await fetch(`${service}/metrics`, { signal: AbortSignal.timeout(2000) });
  return response.text();
}
