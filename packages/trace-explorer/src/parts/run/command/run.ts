import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { annotations } from '../../../core/command/annotations.ts';
import { ANY_WORDS, readArguments, wrongUsage } from '../../../core/command/arguments.ts';
import type { ExplorerClient } from '../../../core/command/client/explorer-client.ts';
import { CALL, CliError } from '../../../core/command/client/explorer-client.ts';
import { fileProblem } from '../../../core/command/files/file-problem.ts';
import { temporaryFolder } from '../../../core/command/files/temporary-folder.ts';
import { checkPlace, writeWhole } from '../../../core/command/files/whole-file.ts';

import { timesOf } from '../../../core/command/times.ts';

import type { CommandContext } from '../../../core/door/node.ts';
import { PAGE_PORT } from '../../../core/live-explorers.ts';
import { harmlessJson, harmlessLine, withoutCommands } from '../../../lib/text/harmless-text.ts';
import { GIVEN_ENVIRONMENT } from '../../../process-settings.ts';
import { NOT_TO_HONEYCOMB } from './ending/notes.ts';
import { CONFIG_FILES, unreadAttributes } from './environment.ts';
import { commandLine } from './run-facts.ts';
import { findOrStart } from './target.ts';
import type { RunValues } from './traced/trace-once.ts';
import { SHOWN, traceOnce } from './traced/trace-once.ts';
import { traceTimes } from './traced/trace-times.ts';

const USAGE = `Runs a command and shows its traces: starts an explorer if none is running, for as long as the command runs.

  ${CALL} run -- npm run dev
  --name NAME         of the run, for compare and report: vcs.ref.head.revision of its spans
  --port PORT         of the explorer's page (EXPLORER_URL, else of the one that runs, else ${PAGE_PORT})
  --otlp-port PORT    of OTLP over HTTP, of an explorer that run starts (4318)
  --data-dir FOLDER   where an explorer that run starts keeps its data
  --save FILE         keeps the command's traces, and the command, in one compressed file: for report, compare, verify, check, import
  --json FILE         writes what the last lines say as JSON
  --times N           runs the command N times (2 to 100), one after the other, and says which tests have another outcome in some
  --live              says the first problems while the command runs, also without a terminal; --no-live never does
  --redact NAME       of --save: leaves out the values of this field; may be repeated, and end with *
  --known FILE        the problems that the project has accepted (default: its tandem-known.json); none for no file
  --profile           names the functions that ran where a span of Node took 200 ms or more by itself
  --honeycomb         the explorer sends on to Honeycomb, with HONEYCOMB_API_KEY, which no app needs then
  --honeycomb-env FILE  where --honeycomb looks for the key that the shell has not; the command gets nothing of this file
  --prompts           of claude, gemini or copilot: includes the prompts in its telemetry

Node: traces servers of any framework, fetch and http.request, pino, graphql, databases (pg, postgres, @electric-sql/pglite,
mysql2, mariadb, mssql, better-sqlite3, node:sqlite, libsql, mongodb, mongoose, ioredis, node-redis) and queues (bullmq, kafkajs).
Install and change nothing. Deno: turns on its own OpenTelemetry. Bun, Python, Go, Java and .NET: OpenTelemetry's own SDK or
agent reads the same variables.
`;

const text = { type: 'string' } as const;
const TEXTS = {
  name: text,
  save: text,
  json: text,
  times: text,
  port: text,
  'otlp-port': text,
  'data-dir': text,
  known: text,
  'honeycomb-env': text,
} as const;
const FLAG = { type: 'boolean' } as const;
const OPTIONS = {
  ...TEXTS,
  redact: { type: 'string', multiple: true },
  live: FLAG,
  'no-live': FLAG,
  profile: FLAG,
  honeycomb: FLAG,
  prompts: FLAG,
} as const;

/**
 * `run -- COMMAND`: passes signals, standard streams and the exit code through, and ends with what is wrong in the traces.
 * Nothing that comes after the command changes its exit code.
 * @throws CliError where there is no command, or it or the explorer cannot be started
 */
export async function runProgram(args: readonly string[], context: CommandContext): Promise<void> {
  const { values, positionals } = readArguments(withDashes(args), USAGE, OPTIONS, ANY_WORDS);
  const [command, ...rest] = positionals;
  if (command === undefined) throw wrongUsage('Name the command to run.', USAGE);
  await runTraced(context, [command, ...rest], values);
}

/** As `runProgram`. @param afterwards called when the command's spans have come; `since` in seconds since the epoch */
export async function runTraced(
  context: CommandContext,
  command: [string, ...string[]],
  values: RunValues,
  afterwards?: (client: ExplorerClient, since: number) => Promise<void>,
): Promise<void> {
  const { save, json, port, times, honeycomb = false, 'otlp-port': otlpPort, 'data-dir': dataDir } = values;
  const count = times === undefined ? 1 : timesOf('--times', times);
  if (count > 1 && save !== undefined)
    throw new CliError(
      '--save keeps one run, and --times makes several. They stay in the data folder of the explorer.',
    );
  for (const file of [save, json])
    if (file !== undefined)
      await checkPlace(file).catch((error: unknown) => {
        throw fileProblem(file, error, 'written');
      });
  const ofKey = honeycomb ? await import('./honeycomb-key.ts') : undefined; // few runs need it
  const key = await ofKey?.honeycombKey(values['honeycomb-env']);
  const target = await findOrStart(context, GIVEN_ENVIRONMENT.EXPLORER_TOKEN || undefined, {
    ...(otlpPort !== undefined && { 'otlp-port': otlpPort }),
    ...(dataDir !== undefined && { 'data-dir': dataDir }),
    ...(port !== undefined && { port }),
    honeycomb: key?.variables,
  });
  if (honeycomb && target.forward === undefined)
    throw new CliError(
      `The explorer at ${target.client.url} does not send traces on. Start it with EXPLORER_FORWARD=honeycomb, or let run start another one, with a --port, an --otlp-port and a --data-dir that are free.`,
    );
  process.stderr.on('error', () => {}); // its reader has gone, and the command goes on
  const shown = commandLine(command);
  const told = withoutCommands(shown.slice(0, SHOWN));
  process.stderr.write(`Tracing ${told}${shown.length > SHOWN ? '…' : ''}. Page: ${target.client.url}\n`);
  if (target.forward !== undefined) process.stderr.write(`The explorer sends on to ${target.forward}.\n`);
  else if (GIVEN_ENVIRONMENT.HONEYCOMB_API_KEY) process.stderr.write(`${NOT_TO_HONEYCOMB}\n`);
  if (key !== undefined && target.own !== undefined) process.stderr.write(`${key.line}\n`);
  for (const name of CONFIG_FILES.filter((name) => GIVEN_ENVIRONMENT[name]))
    process.stderr.write(`${name} is not passed on: an SDK would send the spans where its file says.\n`);
  const unread = unreadAttributes(GIVEN_ENVIRONMENT);
  if (unread !== undefined) process.stderr.write(`${unread}\n`);
  const work = temporaryFolder('trace-explorer-run-');
  process.on('exit', () => rmSync(work, { recursive: true, force: true }));
  const traced = { context, target, command, shown, told, work, values };
  try {
    const { text, facts, places } =
      count > 1 ? await traceTimes(traced, count) : await traceOnce(traced, { afterwards });
    if (json !== undefined && facts !== undefined) await writeFacts(json, facts);
    process.stderr.write(`${annotations(places, GIVEN_ENVIRONMENT)}${text}\n`);
  } finally {
    await target.own?.stop().catch(({ message }: Error) => {
      process.stderr.write(`The explorer did not stop cleanly: ${message}\n`);
    });
  }
}

/** Writes the ending as JSON. A failed write changes nothing of the command's end. */
async function writeFacts(path: string, facts: object): Promise<void> {
  await writeWhole(path, (part) => writeFile(part, `${harmlessJson(facts)}\n`)).catch((error: unknown) => {
    process.stderr.write(`${harmlessLine(fileProblem(path, error, 'written').message)}\n`);
  });
}

/** The arguments with `--` before the command, whose options are its own: `run --name a node --watch app.js`. */
function withDashes(args: readonly string[]): string[] {
  let at = 0;
  while (args[at]?.startsWith('-') && args[at] !== '--')
    at += args[at] === '--redact' || Object.hasOwn(TEXTS, args[at]?.slice(2) ?? '') ? 2 : 1;
  return args[at] === '--' ? [...args] : args.toSpliced(at, 0, '--');
}
