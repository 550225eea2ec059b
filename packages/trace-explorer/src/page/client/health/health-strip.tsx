import { getJson } from '../api.ts';
import { formatCount } from '../format.ts';
import { useLoad } from '../use-load.ts';

/** How the pipeline is: what the store holds, and what was dropped. */
export function HealthStrip() {
  const { value, error } = useLoad((signal) => getJson<{ spans: number }>('/api/status', signal), []);
  if (error !== undefined) return <p role="alert">{error.message}</p>;
  return <p class="health-strip">{value && `${formatCount(value.spans)} spans`}</p>;
}
