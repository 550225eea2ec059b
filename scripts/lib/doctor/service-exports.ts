import type { ExplorerClient } from '../../../packages/trace-explorer/src/command/explorer-client.ts';
import type { DestinationHealth } from '../../../packages/trace-explorer/src/pipeline/parse-metrics.ts';
import { parseMetrics } from '../../../packages/trace-explorer/src/pipeline/parse-metrics.ts';
import type { ServiceHealth } from '../../../packages/trace-explorer/src/pipeline/routes.ts';

/** A service of the workspace, and where it is reached from here. */
export interface Service {
  readonly name: string;
  readonly url: string;
}

const TIMEOUT_MS = 2_000;

/**
 * What became of a service's spans at each of its destinations, by its /metrics. Where those are not reached from here,
 * as user-lookup's in a container, by what the explorer reads of them; undefined when it does not have them either.
 */
export async function readServiceExports(
  { name, url }: Service,
  explorer: ExplorerClient,
): Promise<readonly DestinationHealth[] | undefined> {
  try {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.ok) return parseMetrics(await response.text()).destinations;
  } catch {
    // not there, or not published
  }
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const { services } = await explorer.ask<{ services: readonly ServiceHealth[] }>('/api/pipeline', {
      signal,
    });
    return services.find((each) => each.name === name && each.reachable)?.destinations;
  } catch {
    return undefined;
  }
}
