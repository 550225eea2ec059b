import { counted } from '../traces/findings/words.ts';
import type { ServiceResource } from './resources.ts';
import type { Found } from './rule.ts';

/** One finding for each service with such resources: of the rows of all of them. */
export function perService(
  resources: readonly ServiceResource[],
  isWrong: (resource: ServiceResource) => boolean,
  say: (wrong: readonly ServiceResource[], rows: string) => Pick<Found, 'sentence' | 'mend'>,
): Found[] {
  const wrong = Map.groupBy(resources.filter(isWrong), ({ service }) => service);
  return [...wrong].map(([service, own]) => {
    const spans = own.reduce((sum, each) => sum + each.spans, 0);
    const logs = own.reduce((sum, each) => sum + each.logs, 0);
    const count = spans + logs;
    return {
      service,
      ...say(own, rowsText(spans, logs)),
      count,
      example: Math.max(...own.map(({ example }) => example)),
    };
  });
}

/** `12 spans and 3 log records`. */
function rowsText(spans: number, logs: number): string {
  const parts = [counted(spans, 'span'), counted(logs, 'log record')].filter(
    (_, at) => [spans, logs][at] !== 0,
  );
  return parts.join(' and ');
}
