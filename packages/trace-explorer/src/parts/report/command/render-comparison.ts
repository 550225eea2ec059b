import type { Colours } from '../../../core/command/terminal/colours.ts';
import { titleOf } from '../../../core/runs/run-words.ts';
import type { Comparison, Side } from '../../../core/runs/schemas.ts';
import { harmlessLine, markdownText, withoutCommands } from '../../../core/shared/harmless-text.ts';
import { estimatedCount } from '../../../core/shared/words.ts';

interface Options {
  readonly markdown: boolean;
  readonly colours: Colours;
  readonly linkTo: (traceId: string) => string;
}

/** A part for each route with changes, and a line for the others. */
export function renderComparison(
  { base, head, routes, more_routes, worse }: Comparison,
  { markdown, colours, linkTo }: Options,
): string {
  const text = markdown ? markdownText : harmlessLine;
  const changed = routes.filter(({ changes }) => changes.length > 0);
  const parts = changed.flatMap(({ service, route, base: before, head: now, changes }) => {
    const title = `${text(`${service} ${route}`)}, ${requestsOf(before)} → ${requestsOf(now)} requests${seenIn(before, now)}`;
    const link = now.trace_id && before.trace_id && `${linkTo(now.trace_id)}?compare=${before.trace_id}`;
    const lines = changes.map((each) => {
      const line = `${each.worse ? '✗' : '✓'} ${text(each.sentence)}`;
      return markdown ? `- ${line}` : `  ${each.worse ? colours.error(line) : line}`;
    });
    const look = link && (markdown ? [`- [both waterfalls](<${link}>)`] : [`  ${colours.dim(link)}`]);
    return [markdown ? `### ${title}` : colours.bold(title), ...lines, ...(look || []), ''];
  });
  const few = routes.filter(({ judged, changes }) => !judged && changes.length === 0).length;
  const rest = [
    `${routes.length - changed.length - few} of ${routes.length} routes are as they were`,
    ...(few > 0 ? [`${few} have too few requests to tell`] : []),
    ...(more_routes > 0 ? [`${more_routes} with fewer requests are left out`] : []),
    worse ? 'something got worse' : 'nothing got worse',
  ];
  const title = text(titleOf(head, base));
  const lines = [markdown ? `## ${title}` : title, '', ...parts, `${rest.join('; ')}.`, ''];
  return withoutCommands(lines.join('\n'));
}

function requestsOf({ requests, seen, effective }: Side): string {
  return requests === seen ? String(requests) : estimatedCount(requests, seen, effective);
}

function seenIn(...sides: readonly Side[]): string {
  if (sides.every(({ requests, seen }) => requests === seen)) return '';
  return `, seen in ${sides.map(({ seen }) => seen).join(' → ')} traces`;
}
