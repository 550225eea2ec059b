import type { Row, Section } from '../../../core/places/section.ts';
import { counted } from '../../../lib/text/words.ts';
import type { Report } from '../server/schemas.ts';

/** A section for each service with what fails there, and a sentence about the score. @param minScore of a title that is no bad news */
export function verifySections(report: Report, minScore: number): readonly Section[] {
  const services = report.services.map(
    ({ service, score, category, spans, logs, violations }): Section => ({
      title: `${service}: ${score} (${category}), ${counted(spans, 'span')}, ${counted(logs, 'log record')}`,
      news: score < minScore ? 'bad' : undefined,
      sentences: [],
      columns: ['rule', 'what fails, and what mends it'],
      rows: violations.map(
        ({ rule, impact, sentence, mend, place }): Row => ({
          sign: impact === undefined ? '!' : '✗',
          cells: [impact === undefined ? rule : `${rule} (${impact})`, sentence],
          details: [mend],
          link: place,
        }),
      ),
    }),
  );
  return [...services, { title: '', sentences: [aboutScore(report)], rows: [] }];
}

function aboutScore({
  specification: { version, commit },
  conventions,
  services,
  looked_at,
  of,
  not_measured,
}: Report): string {
  if (services.length === 0) return 'No service sent anything in this time.';
  const missing = Map.groupBy(not_measured, ({ reason }) => reason);
  const reasons = [...missing].map(
    ([reason, rules]) => `${rules.map(({ rule }) => rule).join(', ')}: ${reason}`,
  );
  const looked =
    looked_at === of ? '' : ` Types, levels, limits and secrets: of ${looked_at} of ${counted(of, 'row')}.`;
  return `Instrumentation Score ${version} (${commit.slice(0, 7)}), incomplete: not measured are ${reasons.join('; ')}. Lines with ! change no score; semantic conventions ${conventions}.${looked}`;
}
