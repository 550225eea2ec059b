import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ANY_WORDS, readNumber, readRequest, wrongUsage } from '../../../core/command/arguments.ts';
import type { ExplorerClient } from '../../../core/command/client/explorer-client.ts';
import { CALL, CliError, DEFAULT_URL } from '../../../core/command/client/explorer-client.ts';
import { readTime } from '../../../core/command/client/read-time.ts';
import { fileProblem } from '../../../core/command/files/file-problem.ts';
import { chooseColours } from '../../../core/command/terminal/colours.ts';
import { showProgress } from '../../../core/command/terminal/progress.ts';
import { sectionsText } from '../../../core/command/terminal/section-text.ts';
import type { CommandContext } from '../../../core/door/node.ts';
import { firstRows } from '../../../core/places/section.ts';
import { titledMarkdown } from '../../../core/places/section-markdown.ts';
import { readRegular } from '../../../lib/node/regular-file.ts';
import { harmlessJson } from '../../../lib/text/harmless-text.ts';
import { formatCount } from '../../../lib/text/words.ts';
import { sectionsOf, summaryOf } from '../sampling-sections.ts';
import type { SamplingReport } from '../server/schemas.ts';

const USAGE = `Says what sampling rules would keep, cost and lose, tried on traffic of the explorer or of files.

  ${CALL} sample --rules FILE            the Collector's tail_sampling, Refinery's rules, or OTEL_TRACES_SAMPLER=… of an SDK
  ${CALL} sample export.json --rules FILE   OTLP JSON files instead of the explorer's traces
  --rules FILE        several times: tries each
  --compare           several rules side by side
  --environment NAME  Refinery's (default: __default__)
  --tracestate        as with the Collector's feature gate usetracestate
  --keep PERCENT      without a file: this share of all traces
  --errors            without a file: all traces with an error
  --slower TIME       without a file: all traces with a span that takes longer, such as 500ms
  --suggest EVENTS    finds rules for a number of events a month, and writes them into collector.yaml and refinery.yaml
  --no-errors         with --suggest: does not keep all errors
  --no-slower         with --suggest: does not keep all slow traces (default: those over 1s, or --slower)
  --write FOLDER      where --suggest writes (default: the present folder)
  --since TIME        2026-11-20T08:00, or an age such as 90m, 12h or 7d (default: all traces)
  --range FROM..TO    two such times
  --markdown          for a pull request
  --json              every figure as JSON
  --url URL           where the explorer is (default: ${DEFAULT_URL})
`;

/** Rows of a table; --json has all. */
const SHOWN = 10;
/** A larger file is not a rules file. The explorer says so. */
const MOST_RULES_BYTES = 300_000;
const [text, flag] = [{ type: 'string' } as const, { type: 'boolean' } as const];
const OPTIONS = {
  rules: { type: 'string', multiple: true },
  compare: flag,
  environment: text,
  tracestate: flag,
  keep: text,
  errors: flag,
  slower: text,
  suggest: text,
  'no-errors': flag,
  'no-slower': flag,
  write: text,
  range: text,
  since: text,
  markdown: flag,
  json: flag,
} as const;

/** Tries sampling rules. @throws CliError for rules, files or an explorer that cannot be read */
export async function sampleCommand(args: readonly string[], { withFiles }: CommandContext): Promise<void> {
  const { values, positionals, client } = await readRequest(args, USAGE, OPTIONS, ANY_WORDS);
  const rules = await Promise.all(
    (values.rules ?? []).map(async (path) => ({
      name: basename(path),
      text: await readRegular(path, MOST_RULES_BYTES).catch((error: unknown) => {
        throw fileProblem(path, error);
      }),
    })),
  );
  const { environment, tracestate } = values;
  const errors = values['no-errors'] ? false : values.errors;
  const keep = values.keep && readNumber('--keep', values.keep.replace(/(?<!\s)\s*%$/u, ''), 100);
  const suggest = values.suggest && readNumber('--suggest', values.suggest.replaceAll(/[_,]/gu, ''), 1e15);
  const slower_ms = values['no-slower'] ? 0 : values.slower && millisecondsOf(values.slower);
  if (rules.length === 0 && keep === undefined && suggest === undefined && !errors && !slower_ms)
    throw wrongUsage('Name rules with --rules, or say what to keep.', USAGE);
  const range =
    values.range === undefined
      ? { start_time: values.since && readTime(values.since) / 1000 }
      : rangeOf(values.range);
  // A value without a question is undefined, and JSON leaves it out.
  const body = { rules, environment, tracestate, keep, errors, slower_ms, suggest, ...range };
  const ask = ({ ask }: ExplorerClient) => ask<SamplingReport>('/api/sample', { method: 'POST', body });
  const endProgress = showProgress(() => 'sample: trying the rules');
  const report = await (positionals.length === 0 ? ask(client) : withFiles(positionals, ask)).finally(
    endProgress,
  );
  if (values.json) process.stdout.write(`${harmlessJson(report)}\n`);
  else {
    const trials = values.compare ? [] : report.trials;
    const sections = trials.flatMap((trial) => sectionsOf(trial)).map((section) => firstRows(section, SHOWN));
    const all = [summaryOf(report), ...sections] as const;
    process.stdout.write(values.markdown ? titledMarkdown(all) : sectionsText(all, chooseColours()));
  }
  if (report.suggestion !== undefined) await writeSuggestion(report, values.write ?? '.');
}

/** Writes both files, each with what it keeps. A file that is there already stays, and is an error. */
async function writeSuggestion({ suggestion, trials }: SamplingReport, folder: string): Promise<void> {
  for (const [at, product] of (['collector', 'refinery'] as const).entries()) {
    const path = join(folder, `${product}.yaml`);
    const content = suggestion?.[product] ?? '';
    const events = formatCount(trials.at(at - 2)?.kept.events_month ?? 0);
    await writeFile(path, content, { flag: 'wx' }).catch((error: unknown) => {
      throw fileProblem(path, error, 'written');
    });
    process.stderr.write(`${path} is written. Of this traffic it keeps ${events} events a month.\n`);
  }
}

function rangeOf(text: string): { readonly start_time: number; readonly end_time: number } {
  const [from = '', to, ...more] = text.split('..');
  if (to === undefined || more.length > 0)
    throw new CliError(`--range takes two times such as 12h..6h, not ${JSON.stringify(text)}.`);
  const [start_time, end_time] = [readTime(from) / 1000, readTime(to) / 1000];
  if (start_time >= end_time)
    throw new CliError(`--range must end after it begins, not ${JSON.stringify(text)}.`);
  return { start_time, end_time };
}

function millisecondsOf(text: string): number {
  const [, count, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m)$/u.exec(text) ?? [];
  const milliseconds = Math.round(Number(count) * ({ ms: 1, s: 1000, m: 60_000 }[unit ?? ''] ?? Number.NaN));
  if (!(milliseconds >= 1))
    throw new CliError(`--slower takes a time such as 500ms or 2s, not ${JSON.stringify(text)}.`);
  return milliseconds;
}
