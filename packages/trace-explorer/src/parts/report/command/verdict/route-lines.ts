import type { Terminal } from '../../../../core/command/terminal/terminal.ts';
import { columnsOf, wrap } from '../../../../core/command/terminal/terminal-text.ts';
import { formatDuration } from '../../../../lib/text/format-duration.ts';
import { harmlessLine } from '../../../../lib/text/harmless-text.ts';
import { counted, formatCount, quoted } from '../../../../lib/text/words.ts';
import type { Verdict, VerdictRoute } from '../../server/verdict/schemas.ts';

/** A route whose slowest request took less is not told, in milliseconds. */
const LEAST_MS = 5;
/** In narrower terminals, and of fewer requests, a table says nothing that a line does not. */
const [LEAST_COLUMNS, LEAST_REQUESTS] = [72, 10];
const LONGEST = 60;

/** The slowest routes of a run, as a table or as one line. Times include the wait for a processor. */
export function routeLines({ routes = [], requests, tests }: Verdict, terminal: Terminal): string[] {
  if (tests !== undefined || routes.length === 0) return [];
  const slow = routes.filter(({ slowest_ms }) => slowest_ms >= LEAST_MS);
  const slowest = Math.max(...routes.map(({ slowest_ms }) => slowest_ms));
  if (slow.length === 0) return [`  All answers within ${formatCount(Math.ceil(slowest))} ms`];
  const isWide = (terminal.columns ?? LEAST_COLUMNS) >= LEAST_COLUMNS;
  const areRequests = slow.every(({ unit }) => unit === 'request');
  const table = isWide && areRequests && requests >= LEAST_REQUESTS ? tableOf(slow) : [];
  const fits = table.every((line) => columnsOf(line) <= (terminal.columns ?? Number.POSITIVE_INFINITY));
  if (table.length === 0 || !fits) return lineOf(slow, terminal);
  return table.map((line, at) => (at === 0 ? terminal.colours.dim(line) : line));
}

/** `GET /products 24 ms at most (3 requests) · GET /orders/:id 11 ms (4)` */
function lineOf(routes: readonly VerdictRoute[], { columns }: Terminal): string[] {
  const said = routes.map(({ unit, requests, slowest_ms, ...each }, at) => {
    const isSame = at > 0 && routes[at - 1]?.unit === unit;
    const took = `${nameOf(each)} ${timeOf(slowest_ms)}`;
    return isSame ? `${took} (${formatCount(requests)})` : `${took} at most (${counted(requests, unit)})`;
  });
  if (columns === undefined) return [`  ${said.join(' · ')}`];
  return wrap(said.join(' · '), columns - 2).map((line) => `  ${line}`);
}

/** The column of the 95th percentile is there where one of the routes has enough requests for it. */
function tableOf(routes: readonly VerdictRoute[]): string[] {
  const hasP95 = routes.some(({ p95_ms }) => p95_ms !== undefined);
  const rows = routes.map(({ requests, median_ms, p95_ms, slowest_ms, ...each }) => [
    nameOf(each),
    formatCount(requests),
    timeOf(median_ms),
    ...(hasP95 ? [p95_ms === undefined ? '–' : timeOf(p95_ms)] : []),
    timeOf(slowest_ms),
  ]);
  const head = ['Slowest routes', 'requests', 'median', ...(hasP95 ? ['P95'] : []), 'slowest'];
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => columnsOf(row[at] ?? ''))));
  const line = (row: readonly string[]) => {
    const cells = row.map((cell, at) => {
      const blanks = ' '.repeat((widths[at] ?? 0) - columnsOf(cell));
      return at === 0 ? cell + blanks : blanks + cell;
    });
    return `  ${cells.join('   ')}`;
  };
  return [head, ...rows].map(line);
}

/** Nobody compares routes by parts of a millisecond. */
function timeOf(milliseconds: number): string {
  const whole = Math.round(milliseconds);
  return whole >= 1 && whole < 1000 ? `${whole} ms` : formatDuration(milliseconds);
}

function nameOf({ route }: Pick<VerdictRoute, 'route'>): string {
  return quoted(harmlessLine(route), LONGEST);
}
