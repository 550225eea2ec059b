import type { Row, Section } from '../../core/places/section.ts';
import { titleOf } from '../../core/runs/run-words.ts';
import { estimateText, formatCount } from '../../lib/text/words.ts';
import { section } from './sections.ts';
import type { Change, RunComparison, Side } from './server/compare/change.ts';

/** Of a comparison of routes: the title; a section for each route with changes; and a sentence about the others. */
export function routeSections(
  { base, head, changes, routes, more_routes, worse }: RunComparison,
  linkTo: (traceId: string) => string,
): readonly [Section, ...Section[]] {
  const routeKey = ({ service, route }: Pick<Change, 'service' | 'route'>) =>
    JSON.stringify([service, route]);
  const changesBy = Map.groupBy(changes, routeKey);
  const changed = routes.filter((route) => changesBy.has(routeKey(route)));
  const few = routes.filter((route) => !route.judged && !changesBy.has(routeKey(route))).length;
  const rest = [
    `${routes.length - changed.length - few} of ${routes.length} routes are as they were`,
    ...(few > 0 ? [`${few} have too few requests to tell`] : []),
    ...(more_routes > 0 ? [`${more_routes} with fewer requests are left out`] : []),
    worse ? 'something got worse' : 'nothing got worse',
  ];
  return [
    section(titleOf(head, base), []),
    ...changed.map((figures): Section => {
      const { service, route, base: before, head: now } = figures;
      const both = now.trace_id && before.trace_id && `${linkTo(now.trace_id)}?compare=${before.trace_id}`;
      const rows = (changesBy.get(routeKey(figures)) ?? []).map(
        ({ worse, sentence }): Row => ({
          sign: worse ? '✗' : '✓',
          cells: [sentence],
          link: both || undefined,
        }),
      );
      const counts = `${requestsOf(before)} → ${requestsOf(now)} requests${seenIn(before, now)}`;
      return section(`${service} ${route}, ${counts}`, rows);
    }),
    { title: '', sentences: [`${rest.join('; ')}.`], rows: [] },
  ];
}

function requestsOf({ requests, stored }: Side): string {
  return estimateText(formatCount(requests), stored !== undefined);
}

function seenIn(...sides: readonly Side[]): string {
  if (sides.every(({ stored }) => stored === undefined)) return '';
  return `, seen in ${sides.map(({ seen }) => seen).join(' → ')} traces`;
}
