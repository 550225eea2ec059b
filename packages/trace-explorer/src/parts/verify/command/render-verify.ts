import type { Colours } from '../../../core/command/terminal/colours.ts';
import {
  harmlessJson,
  harmlessLine,
  markdownText,
  withoutCommands,
} from '../../../core/shared/harmless-text.ts';
import { counted } from '../../../core/shared/words.ts';
import type { Report, ServiceReport, Violation } from '../server/schemas.ts';
import { junitReport } from './junit-report.ts';

export const FORMATS = ['text', 'markdown', 'json', 'junit'] as const;

interface RenderOptions {
  readonly format: (typeof FORMATS)[number];
  readonly colours: Colours;
  readonly page: string;
  readonly minScore: number;
}

/** A report in one of the formats, with links instead of paths. @param options `page`: its URL, without a slash at its end */
export function renderVerify(report: Report, { format, colours, page, minScore }: RenderOptions): string {
  const services = report.services.map((each) => ({
    ...each,
    violations: each.violations.map((violation) => ({ ...violation, place: page + violation.place })),
  }));
  if (format === 'json') return `${harmlessJson({ ...report, services })}\n`;
  if (format === 'junit') return withoutCommands(junitReport(services));
  const write = format === 'markdown' ? markdown : plain;
  const parts = services.flatMap((each) => write(each, colours, minScore));
  return withoutCommands([...parts, foot(report), ''].join('\n'));
}

function plain(report: ServiceReport, colours: Colours, minScore: number): string[] {
  const head = harmlessLine(headOf(report));
  return [
    report.score < minScore ? colours.error(head) : colours.bold(head),
    ...report.violations.flatMap((each) => [
      `  ${each.impact === undefined ? '!' : '✗'} ${harmlessLine(lineOf(each))}`,
      `      ${harmlessLine(each.mend)}`,
      `      ${colours.dim(each.place)}`,
    ]),
    '',
  ];
}

function markdown(report: ServiceReport): string[] {
  const rows = report.violations.map(
    (each) =>
      `| ${each.impact === undefined ? '!' : '✗'} | ${markdownText(lineOf(each))} | ${markdownText(each.mend)} | [shown](<${each.place}>) |`,
  );
  const table =
    rows.length === 0 ? ['Nothing fails.'] : ['| | what | mended by | |', '|---|---|---|---|', ...rows];
  return [`## ${markdownText(headOf(report))}`, '', ...table, ''];
}

function headOf({ service, score, category, spans, logs }: ServiceReport): string {
  return `${service}: ${score} (${category}), ${counted(spans, 'span')}, ${counted(logs, 'log record')}`;
}

function lineOf({ rule, impact, sentence }: Violation): string {
  return `${rule}${impact === undefined ? '' : ` (${impact})`}: ${sentence}`;
}

function foot({
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
