import Type from 'typebox';
import { linkTo } from '../../../core/places/place.ts';
import { limit } from '../../../core/tools/arguments.ts';
import { tool } from '../../../core/tools/tool.ts';
import { estimateText } from '../../../lib/text/words.ts';
import type { CallTraffic, ServiceMap } from '../server/schemas.ts';

export const getServiceMap = tool({
  name: 'get_service_map',
  title: 'Services and their calls',
  description:
    'Services and databases, and the calls between them: how often, how fast, with how many errors. The busiest first.',
  input: {
    time_range: Type.Optional(
      Type.Number({ minimum: 1, maximum: 9e9, default: 7200, description: 'Seconds, up to now.' }),
    ),
    limit: limit(40, 200),
  },
  async run({ time_range = 7200, limit = 40 }, { ask, page }) {
    const { services, calls, ...of } = await ask<ServiceMap>(`/api/map?time_range=${time_range}`);
    const busiest = <T extends { readonly count: number }>(list: readonly T[]) =>
      list.toSorted((a, b) => b.count - a.count).slice(0, limit);
    return {
      link: linkTo(page, { view: 'map', params: { last: String(time_range) } }),
      ...of,
      services_total: services.length,
      services: busiest(services).map(told),
      calls_total: calls.length,
      calls: busiest(calls).map(told),
    };
  },
});

/** Estimates as texts, like those of run_query: `≈ 12600`. */
function told<T extends CallTraffic>(of: T) {
  const { count, errors, rate_per_second, error_share, p50_ms, p95_ms, p99_ms, total_ms }: CallTraffic = of;
  if (of.stored === undefined) return of;
  const figures = { count, errors, rate_per_second, error_share, p50_ms, p95_ms, p99_ms, total_ms };
  const texts = Object.entries(figures).map(([name, value]) => [
    name,
    estimateText(String(Math.round(1000 * value) / 1000), true),
  ]);
  return { ...of, ...Object.fromEntries(texts) };
}
