import { globSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chooseColours } from '../cli/colours.ts';
import type { ExplorerClient } from '../cli/explorer-client.ts';
import { CliError } from '../cli/explorer-client.ts';
import { fileProblem, requireContent } from '../cli/file-problem.ts';
import { orUsage } from '../cli/or-usage.ts';
import { readTime } from '../cli/read-time.ts';
import { harmlessJson } from '../cli/terminal-text.ts';
import { parseJson } from '../shared/parse-json.ts';
import type { Status } from '../status.ts';
import { evaluate } from './evaluate.ts';
import type { Checked } from './render-check.ts';
import { renderCheck } from './render-check.ts';
import type { Trigger } from './trigger.ts';
import { parseTrigger } from './trigger.ts';

/** What is checked where no file is named: triggers that stay here, as Honeycomb's plans limit how many there are. */
const TRIGGERS = 'honeycomb/checks/*.json';

/** Exit codes. */
const FIRES = 1;
const CANNOT_ASK = 2;

/** How the command is called, and which explorer it asks. */
export interface CheckCall {
  /** `node tandem check` */
  readonly call: string;
  /** What `--url` is when it is left out, in words. */
  readonly defaultUrl: string;
  /** @throws CliError when the URL is none */
  client(url: string | undefined): ExplorerClient;
}

/**
 * Evaluates Honeycomb triggers over what the explorer holds, and sets the exit code: 0 when all hold, 1 when one fires or
 * has no data.
 * @throws CliError with exit code 2 when a file cannot be read, or the explorer cannot be asked
 */
export async function check(args: readonly string[], call: CheckCall): Promise<void> {
  try {
    await run(args, call);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new CliError(message, { exitCode: CANNOT_ASK, cause: error });
  }
}

async function run(args: readonly string[], how: CheckCall): Promise<void> {
  const usage = usageOf(how);
  const { values, positionals } = orUsage(usage, () =>
    parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true }),
  );
  if (values.help) return void process.stdout.write(usage);
  const noData = values['no-data'] ?? 'fail';
  if (noData !== 'fail' && noData !== 'pass')
    throw new CliError(`--no-data takes fail or pass, not ${JSON.stringify(noData)}.`);
  const at = values.at === undefined ? Date.now() : readTime(values.at);
  const triggers = readFiles(positionals, usage);
  const client = how.client(values.url);
  const { rows } = await client.ask<Status>('/api/status');
  const checked: Checked[] = [];
  for (const { file, trigger } of triggers) checked.push({ file, ...(await lookAt(trigger, rows, file)) });

  const ok = checked.every(
    ({ status }) => status !== 'fires' && !(status === 'no_data' && noData === 'fail'),
  );
  const { stdout } = process;
  const colours = chooseColours(stdout.isTTY ? stdout.getColorDepth() : 1);
  stdout.write(values.json ? `${harmlessJson({ ok, triggers: checked })}\n` : renderCheck(checked, colours));
  if (!ok) process.exitCode = FIRES;

  async function lookAt(trigger: Trigger, rows: number, file: string) {
    const { name } = trigger;
    if (trigger.disabled) return { name, status: 'disabled' as const };
    // Its columns may be unknown yet, which would be no answer.
    if (rows === 0) return { name, status: 'no_data' as const, reason: 'the store is empty' };
    try {
      return await evaluate(trigger, (path, options) => client.ask(path, options), {
        dataset: values.dataset,
        at,
      });
    } catch (error) {
      throw new CliError(`${file}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
}

/** @throws CliError naming the file */
function readFiles(named: readonly string[], usage: string): { file: string; trigger: Trigger }[] {
  const files = named.length > 0 ? named : globSync(TRIGGERS).toSorted();
  if (files.length === 0) throw new CliError(`There is no ${TRIGGERS} here: name the files.\n\n${usage}`);
  return files.flatMap((file) => {
    try {
      const content = parseJson(requireContent(file, readFileSync(file, 'utf8')));
      return [content].flat().map((each) => ({ file, trigger: parseTrigger(each) }));
    } catch (error) {
      throw fileProblem(file, error);
    }
  });
}

const OPTIONS = {
  at: { type: 'string' },
  dataset: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  'no-data': { type: 'string' },
  url: { type: 'string' },
} as const;

function usageOf({ call, defaultUrl }: CheckCall): string {
  return `Evaluates Honeycomb triggers (their JSON) over what the running explorer holds.

  ${call} [FILE…]       these, or else ${TRIGGERS}
  --json              the outcome as JSON
  --at TIME           as of then: 2026-11-20T08:00, or an age such as 90m, 12h or 7d (default: now)
  --no-data WHAT      fail or pass: what it means that there is nothing to measure (default: fail)
  --dataset NAME      of triggers that name none (default: __all__)
  --url URL           where the explorer is (default: ${defaultUrl})

Exit code 0: all hold. 1: one fires, or has no data. 2: a file or the explorer cannot be read.
`;
}
