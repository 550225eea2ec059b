import { readNumber, readRequest } from '../../../core/command/arguments.ts';
import type { ExplorerClient } from '../../../core/command/client/explorer-client.ts';
import { CALL, CliError, DEFAULT_URL } from '../../../core/command/client/explorer-client.ts';
import { readTime } from '../../../core/command/client/read-time.ts';
import { askAbout, isRunFile } from '../../../core/command/files/run-file.ts';
import { gate } from '../../../core/command/gate.ts';
import { chooseColours } from '../../../core/command/terminal/colours.ts';
import { showProgress } from '../../../core/command/terminal/progress.ts';
import { sectionsText } from '../../../core/command/terminal/section-text.ts';
import type { CommandContext } from '../../../core/door/node.ts';
import { sectionsMarkdown } from '../../../core/places/section-markdown.ts';
import type { Run } from '../../../core/runs/schemas.ts';
import { harmlessJson, withoutCommands } from '../../../lib/text/harmless-text.ts';
import { searchOf } from '../../../lib/text/search-of.ts';
import { runTraced } from '../../run/command/run.ts';
import type { Report } from '../server/schemas.ts';
import { junitReport } from './junit-report.ts';
import { verifySections } from './verify-sections.ts';

const BELOW = 1;
const FORMATS = ['text', 'markdown', 'json', 'junit'] as const;

const USAGE = `Says whether the telemetry is right, by service: the Instrumentation Score, what fails, a span that shows it, and what mends it.

  ${CALL} verify           telemetry of the last hour
  --service NAME      only this service
  --dataset NAME      only this dataset
  --since TIME        2026-11-20T08:00, or an age such as 90m, 12h or 7d (default: 1h)
  --min-score N       exit code 1 when a service has less, or none sent anything
  --format FORMAT     text, markdown, json or junit (default: text)
  --run FILE          verifies a run that run --save kept
  --run "COMMAND"     runs the command as run does, with its --port, --otlp-port and --data-dir, and verifies what came
  --url URL           where the explorer is (default: ${DEFAULT_URL})

Exit code 0: every service has the score. 1: one has not. 2: the explorer cannot be asked. With --run the command's own, when it fails.
`;

const text = { type: 'string' } as const;

/**
 * Verifies the telemetry that an explorer has, and sets the exit code: 1 when a service has less than `--min-score`.
 * @throws CliError with exit code 2 when the explorer cannot be asked
 */
export const verifyCommand = gate(async (args, context: CommandContext) => {
  const which = { service: text, dataset: text, since: text, 'min-score': text, format: text };
  const options = { ...which, run: text, port: text, 'otlp-port': text, 'data-dir': text };
  const { values, client } = await readRequest(args, USAGE, options, { meant: ['--run'] });
  const { format: named = 'text', run, since = '1h', 'min-score': least = '0', service, dataset } = values;
  const format = FORMATS.find((name) => name === named);
  if (format === undefined)
    throw new CliError(`--format takes ${FORMATS.join(', ')}, not ${JSON.stringify(named)}.`);
  const minScore = readNumber('--min-score', least, 100);
  if (run !== undefined && values.since !== undefined)
    throw new CliError('--run verifies the spans since the command began: leave --since out.');
  if (run === undefined) return void (await show(client, readTime(since) / 1000));
  if (await isRunFile(run))
    return askAbout(context.withFiles, client, [run], async (from) => {
      const { runs } = await from.ask<{ runs: Run[] }>('/api/runs');
      await show(from, Date.parse(runs[0]?.first ?? '') / 1000);
    });
  const shell = process.platform === 'win32' ? (['cmd', '/c', run] as const) : (['sh', '-c', run] as const);
  await runTraced(context, [...shell], values, show);

  /** @param from seconds since the epoch */
  async function show({ url, ask }: ExplorerClient, from: number): Promise<void> {
    const endProgress = showProgress(() => 'verify: the explorer reads what came');
    const search = searchOf({ start_time: from, service, dataset });
    const report = linked(await ask<Report>(`/api/verify?${search}`).finally(endProgress), url);
    process.stdout.write(written(report));
    const isEnough = report.services.every(({ score }) => score >= minScore);
    if (values['min-score'] !== undefined && (!isEnough || report.services.length === 0))
      process.exitCode ||= BELOW;
  }

  function written(report: Report): string {
    if (format === 'json') return `${harmlessJson(report)}\n`;
    if (format === 'junit') return withoutCommands(junitReport(report.services));
    const sections = verifySections(report, minScore);
    return format === 'markdown' ? sectionsMarkdown(sections, 2) : sectionsText(sections, chooseColours());
  }
});

/** The report with links instead of paths. */
function linked(report: Report, page: string): Report {
  const services = report.services.map((service) => ({
    ...service,
    violations: service.violations.map((violation) => ({ ...violation, place: page + violation.place })),
  }));
  return { ...report, services };
}
