import type { AcceptedKey } from '../../honeycomb/check-key.ts';
import { renderFamily } from './render-family.ts';

const INFO = {
  name: 'tandem_honeycomb_info',
  type: 'gauge',
  help: 'Team, environment and region (us, eu, other) of the Honeycomb key, as Honeycomb said when it accepted it.',
} as const;

/**
 * Whose key it is that Honeycomb accepted, in Prometheus' text format: never the key. For pages that
 * link to the team's own Honeycomb. Empty when no key was accepted; `environment` is empty for classic teams.
 */
export function renderHoneycombInfo(accepted: AcceptedKey | undefined): string {
  if (accepted === undefined) return '';
  const { team, environment = '', endpoint } = accepted;
  return renderFamily(INFO, [[{ team, environment, region: endpoint.region.toLowerCase() }, 1]]);
}
