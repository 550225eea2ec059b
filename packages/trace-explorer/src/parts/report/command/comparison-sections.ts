import type { Section } from '../../../core/places/section.ts';
import { titleOf } from '../../../core/runs/run-words.ts';
import type { Comparison, Side } from '../../../core/runs/schemas.ts';
import { estimateText, formatCount } from '../../../core/shared/words.ts';

/** The title; a section for each route with changes; and a sentence about the others. */
export function comparisonSections(
  { base, head, routes, more_routes, worse }: Comparison,
  linkTo: (traceId: string) => string,
): readonly [Section, ...Section[]] {
  const changed = routes.filter(({ changes }) => changes.length > 0);
  const few = routes.filter(({ judged, changes }) => !judged && changes.length === 0).length;
  const rest = [
    `${routes.length - changed.length - few} of ${routes.length} routes are as they were`,
    ...(few > 0 ? [`${few} have too few requests to tell`] : []),
    ...(more_routes > 0 ? [`${more_routes} with fewer requests are left out`] : []),
    worse ? 'something got worse' : 'nothing got worse',
  ];
  return [
    { title: titleOf(head, base), sentences: [], rows: [] },
    ...changed.map(({ service, route, base: before, head: now, changes }): Section => {
      const both = now.trace_id && before.trace_id && `${linkTo(now.trace_id)}?compare=${before.trace_id}`;
      return {
        title: `${service} ${route}, ${requestsOf(before)} → ${requestsOf(now)} requests${seenIn(before, now)}`,
        sentences: [],
        rows: changes.map((change) => ({
          sign: change.worse ? '✗' : '✓',
          cells: [change.sentence],
          link: both || undefined,
        })),
      };
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
