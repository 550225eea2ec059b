import { globSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ANY_WORDS, readRequest } from '../../../core/command/arguments.ts';
import type { ExplorerClient } from '../../../core/command/client/explorer-client.ts';
import { CALL, CliError, DEFAULT_URL } from '../../../core/command/client/explorer-client.ts';
import { readTime } from '../../../core/command/client/read-time.ts';
import { fileProblem } from '../../../core/command/files/file-problem.ts';
import { askAbout, isRunFile } from '../../../core/command/files/run-file.ts';
import { CANNOT_SAY, gate } from '../../../core/command/gate.ts';
import { chooseColours } from '../../../core/command/terminal/colours.ts';
import { sectionsText } from '../../../core/command/terminal/section-text.ts';
import type { CommandContext } from '../../../core/door/node.ts';
import { sectionsMarkdown } from '../../../core/places/section-markdown.ts';
import { readAccepted } from '../../../core/problems/file/known-here.ts';
import type { Sighting } from '../../../core/problems/schemas.ts';
import { maskedIn } from '../../../core/redaction/masked.ts';
import type { Run } from '../../../core/runs/schemas.ts';
import type { Status } from '../../../core/status.ts';
import { readRegular } from '../../../lib/node/regular-file.ts';
import { harmlessJson, harmlessLine } from '../../../lib/text/harmless-text.ts';
import { parseJson } from '../../../lib/text/parse-json.ts';
import type { AnyTrigger } from '../server/any-trigger.ts';
import { evaluateAny, readTrigger } from '../server/any-trigger.ts';
import type { Checked } from './check-sections.ts';
import { checkSections } from './check-sections.ts';

/** The triggers without a named file, beside the explorer's saved queries: Honeycomb's plans limit the number of triggers there. */
const TRIGGERS = relative('', join(process.env.EXPLORER_QUERIES || 'honeycomb', 'checks', '*.json'));

const FIRES = 1;

const USAGE = `Evaluates Honeycomb triggers (their JSON), and triggers about findings and scores, over the data of the running explorer.

  ${CALL} check [FILE…]   these, or else ${TRIGGERS}
  --json              the outcome as JSON
  --markdown          the outcome as a table in Markdown: >> "$GITHUB_STEP_SUMMARY"
  --run FILE          over a run that run --save kept, as of its end
  --known FILE        the problems that the project has accepted, for triggers with "known": false (default: its
                      tandem-known.json); none for no file
  --at TIME           as of then: 2026-11-20T08:00, or an age such as 90m, 12h or 7d (default: now)
  --no-data WHAT      fail or pass: the result of a trigger without data (default: fail)
  --bisect            for git bisect run: exit code 125, which skips a commit, where no span came or no explorer answers
  --dataset NAME      of triggers that name none (default: __all__)
  --url URL           where the explorer is (default: ${DEFAULT_URL})

Exit code 0: all hold. 1: one fires, or has no data. 2: a file or the explorer cannot be read.
`;

/**
 * Evaluates Honeycomb triggers over the explorer's data, and sets the exit code: 0 when all hold, 1 when one fires or
 * has no data.
 * @throws CliError with exit code 2 when a file cannot be read, or the explorer cannot be asked
 */
export const checkCommand = gate(run);

async function run(args: readonly string[], { withFiles }: CommandContext): Promise<void> {
  const { values, positionals, client } = await readRequest(
    args,
    USAGE,
    {
      at: { type: 'string' },
      bisect: { type: 'boolean' },
      dataset: { type: 'string' },
      json: { type: 'boolean' },
      known: { type: 'string' },
      markdown: { type: 'boolean' },
      'no-data': { type: 'string' },
      run: { type: 'string' },
    },
    ANY_WORDS,
  );
  const noData = values['no-data'] ?? 'fail';
  if (noData !== 'fail' && noData !== 'pass')
    throw new CliError(`--no-data takes fail or pass, not ${JSON.stringify(noData)}.`);
  const triggers = await readFiles(positionals);
  if (values.run !== undefined && !(await isRunFile(values.run)))
    throw new CliError(`--run takes a file of run --save, not ${JSON.stringify(values.run)}.`);
  const accepted = triggers.some(({ trigger }) => 'known' in trigger && trigger.known === false)
    ? await readAccepted(process.cwd(), values.known)
    : undefined;
  await askAbout(withFiles, client, [values.run], async (from, [id], [kept]) => {
    const { runs } = id === undefined ? { runs: [] } : await from.ask<{ runs: Run[] }>('/api/runs');
    const [end = new Date().toISOString()] = runs.map(({ last }) => last);
    await check(from, values.at === undefined ? Date.parse(end) + 1 : readTime(values.at), kept?.place);
  });

  async function check(client: ExplorerClient, at: number, place: string | undefined): Promise<void> {
    const isKnown = (kind: Sighting) => accepted?.judge([kind], place).known !== undefined;
    const { rows } = await client.ask<Status>('/api/status');
    for (const { file, trigger } of triggers)
      if ('auto_investigate' in trigger && trigger.auto_investigate === true)
        process.stderr.write(
          `${harmlessLine(file)}: auto_investigate is for Honeycomb; a check passes it over.\n`,
        );
    const checked: Checked[] = [];
    for (const { file, trigger } of triggers) checked.push({ file, ...(await lookAt(trigger, rows, file)) });

    const has = (wanted: Checked['status']) => checked.some(({ status }) => status === wanted);
    const lacksData = has('no_data') && noData === 'fail';
    const ok = !has('fires') && !lacksData;
    const { stdout } = process;
    if (values.json) stdout.write(`${harmlessJson(maskedIn({ ok, triggers: checked }))}\n`);
    else {
      const sections = maskedIn(checkSections(checked)); // a job's log is for others
      stdout.write(values.markdown ? sectionsMarkdown(sections, 2) : sectionsText(sections, chooseColours()));
    }
    if (!ok) process.exitCode = values.bisect && !has('fires') ? CANNOT_SAY : FIRES;

    async function lookAt(trigger: AnyTrigger, rows: number, file: string) {
      const { name } = trigger;
      if (trigger.disabled) return { name, status: 'disabled' as const };
      // The store may not know its columns yet. The explorer would refuse the query.
      if (rows === 0) return { name, status: 'no_data' as const, reason: 'the store is empty' };
      try {
        return await evaluateAny(trigger, client.ask, {
          dataset: values.dataset,
          at,
          page: client.url,
          isKnown,
        });
      } catch (error) {
        throw new CliError(`${file}: ${error instanceof Error ? error.message : error}`, { cause: error });
      }
    }
  }
}

/** @throws CliError naming the file */
async function readFiles(named: readonly string[]): Promise<{ file: string; trigger: AnyTrigger }[]> {
  const files = named.length > 0 ? named : globSync(TRIGGERS).toSorted();
  if (files.length === 0) throw new CliError(`There is no ${TRIGGERS} here: name the files.\n\n${USAGE}`);
  const read = async (file: string) => {
    try {
      const content = [parseJson(await readRegular(file))].flat();
      if (content.length === 0) throw new Error('it has no triggers, so nothing would be checked.');
      return content.map((each) => ({ file, trigger: readTrigger(each) }));
    } catch (error) {
      throw fileProblem(file, error);
    }
  };
  return (await Promise.all(files.map(read))).flat();
}
