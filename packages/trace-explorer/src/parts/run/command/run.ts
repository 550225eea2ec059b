import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { TYPED } from '../../../core/call.ts';
import { readArguments, wrongUsage } from '../../../core/command/arguments.ts';
import type { ExplorerClient } from '../../../core/command/client/explorer-client.ts';
import { CALL, CliError } from '../../../core/command/client/explorer-client.ts';
import { dataFolder } from '../../../core/command/default-data-folder.ts';
import { fileProblem } from '../../../core/command/files/file-problem.ts';
import { temporaryFolder } from '../../../core/command/files/temporary-folder.ts';
import { checkPlace, writeWhole } from '../../../core/command/files/whole-file.ts';
import { keepLastRun, lastRunHere } from '../../../core/command/last-run.ts';
import { withoutAdvice } from '../../../core/command/wrong-usage.ts';
import { knownHere } from '../../../core/door/acceptance.ts';
import type { CommandContext } from '../../../core/door/node.ts';
import { GIVEN_ENVIRONMENT } from '../../../lib/node/process-settings.ts';
import { harmlessJson, harmlessLine, withoutCommands } from '../../../lib/text/harmless-text.ts';
import { counted } from '../../../lib/text/words.ts';
import { agentNotes, agentOf, agentVariables } from './agents.ts';
import { beginCommandSpan } from './command-span.ts';
import { annotations } from './ending/annotations.ts';
import { endingOf } from './ending/ending.ts';
import { NOT_TO_HONEYCOMB } from './ending/notes.ts';
import { areTests, sayUntraced } from './ending/while-running.ts';
import { CONFIG_FILES, environmentFor } from './environment.ts';
import { sendLeftovers, sendWhileRunning } from './leftovers.ts';
import { childrenTime } from './processor-time.ts';
import { commandLine, headOf, runFacts } from './run-facts.ts';
import { runToEnd } from './run-to-end.ts';
import type { Target } from './target.ts';
import { findOrStart, PAGE_PORT } from './target.ts';

const USAGE = `Runs a command and shows its traces: starts an explorer if none is running, for as long as the command runs.

  ${CALL} run -- npm run dev
  --name NAME         of the run, for compare and report: vcs.ref.head.revision of its spans
  --port PORT         of the explorer's page (3000 if one runs there, else ${PAGE_PORT})
  --otlp-port PORT    of OTLP over HTTP, of an explorer that run starts (4318)
  --data-dir FOLDER   where an explorer that run starts keeps its data
  --save FILE         keeps the command's traces, and the command, in one compressed file: for report, compare, verify, check, import
  --json FILE         writes what the last lines say as JSON
  --live              says the first problems while the command runs, also without a terminal; --no-live never does
  --redact NAME       of --save: leaves out the values of this field; may be repeated, and end with *
  --known FILE        the problems that the project has accepted (default: its tandem-known.json); none for no file
  --profile           names the functions that ran where a span of Node took 200 ms or more by itself
  --honeycomb         the explorer sends on to Honeycomb, with HONEYCOMB_API_KEY, which no app needs then
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
  port: text,
  'otlp-port': text,
  'data-dir': text,
  known: text,
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
  const { values, positionals } = readArguments(withDashes(args), USAGE, OPTIONS);
  const [command, ...rest] = positionals;
  if (command === undefined) throw wrongUsage('Name the command to run.', USAGE);
  await runTraced(context, [command, ...rest], values);
}

/** Characters of the command in each resource. */
const SHOWN = 100;

/** The values of `run`'s options. */
type RunValues = { readonly [name in keyof typeof TEXTS]?: string | undefined } & {
  readonly redact?: readonly string[];
  readonly live?: boolean;
  readonly 'no-live'?: boolean;
  readonly profile?: boolean;
  readonly honeycomb?: boolean;
  readonly prompts?: boolean;
};

/** As `runProgram`. @param afterwards called when the command's spans have come; `since` in seconds since the epoch */
export async function runTraced(
  context: CommandContext,
  [command, ...rest]: [string, ...string[]],
  {
    name,
    save,
    json,
    redact,
    port,
    live,
    'no-live': isSilent = false,
    profile = false,
    honeycomb = false,
    prompts = false,
    known,
    ...own
  }: RunValues,
  afterwards?: (client: ExplorerClient, since: number) => Promise<void>,
): Promise<void> {
  const hasKey = Boolean(GIVEN_ENVIRONMENT.HONEYCOMB_API_KEY);
  if (honeycomb && !hasKey) throw new CliError('--honeycomb needs HONEYCOMB_API_KEY in the environment.');
  for (const file of [save, json])
    if (file !== undefined)
      await checkPlace(file).catch((error: unknown) => {
        throw fileProblem(file, error, 'written');
      });
  const isNamed = port !== undefined;
  const trust = { token: GIVEN_ENVIRONMENT.EXPLORER_TOKEN || undefined, isNamed };
  const ports = isNamed ? [port] : ['3000', PAGE_PORT];
  const target = await findOrStart(context, ports, trust, { ...own, ...(isNamed && { port }), honeycomb });
  if (honeycomb && target.forward === undefined)
    throw new CliError(
      `The explorer at ${target.client.url} does not send traces on. Start it with EXPLORER_FORWARD=honeycomb, or let run start another one, with a --port, an --otlp-port and a --data-dir that are free.`,
    );
  process.stderr.on('error', () => {}); // its reader has gone, and the command goes on
  const shown = commandLine([command, ...rest]);
  const told = withoutCommands(shown.slice(0, SHOWN));
  process.stderr.write(`Tracing ${told}${shown.length > SHOWN ? '…' : ''}. Page: ${target.client.url}\n`);
  if (target.forward !== undefined) process.stderr.write(`The explorer sends on to ${target.forward}.\n`);
  else if (hasKey) process.stderr.write(`${NOT_TO_HONEYCOMB}\n`);
  for (const name of CONFIG_FILES.filter((name) => GIVEN_ENVIRONMENT[name]))
    process.stderr.write(`${name} is not passed on: an SDK would send the spans where its file says.\n`);
  const agent = agentOf(command);
  const work = temporaryFolder('trace-explorer-run-');
  process.on('exit', () => rmSync(work, { recursive: true, force: true }));
  const run = { id: randomUUID(), since: Date.now() / 1000, uses: join(work, 'uses.jsonl') };
  const head = headOf(name, GIVEN_ENVIRONMENT);
  const last = lastRunHere(shown);
  const spools = join(resolve(own['data-dir'] ?? dataFolder()), 'run');
  const spool = join(spools, new URL(target.endpoint).port);
  try {
    const span = beginCommandSpan(command, target, GIVEN_ENVIRONMENT);
    const env = {
      ...environmentFor(target, {
        ...run,
        cwd: process.cwd(),
        name,
        head,
        command: shown.slice(0, SHOWN),
        spool,
        profile,
      }),
      ...span?.env,
      ...agentVariables(agent, target.endpoint, GIVEN_ENVIRONMENT, prompts),
    };
    const otel = Object.entries(env).filter(([name]) => name.startsWith('OTEL_'));
    if (agent !== undefined)
      Object.assign(env, { TANDEM_RUN_OTEL: JSON.stringify(Object.fromEntries(otel)) });
    for (const note of agent === undefined ? [] : agentNotes(agent, target.endpoint, env, prompts))
      process.stderr.write(`${note}\n`);
    const folder = { run: run.id, folder: process.cwd() };
    // An older explorer keeps no folders: its links open no editor.
    void target.client.ask('/api/code-folder', { method: 'POST', body: folder }).catch(() => {});
    const isForPerson = !isSilent && agent === undefined && (live || process.stderr.isTTY);
    const stopSaying = sayUntraced(run.uses, isForPerson);
    const sendRest = sendWhileRunning(spool, target);
    const before = childrenTime();
    const stopLive = isForPerson ? await sayLive(context, target, { ...run, known }) : undefined;
    const { exitCode, stopped } = await runToEnd([command, ...rest], env).finally(stopSaying);
    stopLive?.();
    const processorMs = before === undefined ? undefined : (childrenTime() ?? 0) - before;
    process.exitCode = exitCode;
    const kept = { id: run.id, stopped, port: new URL(target.client.url).port, folder: target.own?.folder };
    const isKept = keepLastRun(kept, shown);
    await sendRest();
    const left = await sendLeftovers(spools, target);
    if (left !== undefined) process.stderr.write(`${left}\n`);
    const here = await knownHere(context.parts, known);
    if (save !== undefined)
      await saveTo(
        save,
        target.client,
        { ...run, head, command: [command, ...rest], exitCode, processorMs, place: here.place },
        redact,
      );
    await afterwards?.(target.client, run.since);
    // Before the command's own span, which is there in any case.
    const ended = {
      ...run,
      env,
      agent,
      exitCode,
      stopped,
      last,
      isKept,
      command: [command, ...rest],
      profiling: profile || shown.length > SHOWN ? undefined : `${TYPED} run --profile -- ${told}`,
      said: stopSaying(),
      known: here,
    };
    const { text, facts, places, problems } = await endingOf(context.parts, target, ended).catch(
      ({ message }: Error) => ({
        text: `The traces could not be counted: ${withoutAdvice(message)}`,
        facts: undefined,
        places: [],
        problems: undefined,
      }),
    );
    await span?.end(exitCode).catch(({ message }: Error) => {
      process.stderr.write(`The command's span could not be sent: ${message}\n`);
    });
    if (json !== undefined && facts !== undefined) await writeFacts(json, facts);
    if (problems !== undefined)
      await target.client
        .ask('/api/code-folder', { method: 'POST', body: { ...folder, problems } })
        .catch(() => {}); // an older explorer keeps no number
    process.stderr.write(`${annotations(places, GIVEN_ENVIRONMENT)}${text}\n`);
  } finally {
    await target.own?.stop().catch(({ message }: Error) => {
      process.stderr.write(`The explorer did not stop cleanly: ${message}\n`);
    });
  }
}

/** Says problems while the command runs, by whichever part knows them; none of tests. @returns how to stop */
async function sayLive(
  { parts }: CommandContext,
  { client }: Target,
  {
    id,
    uses,
    known: named,
  }: { readonly id: string; readonly uses: string; readonly known: string | undefined },
): Promise<() => void> {
  const known = await knownHere(parts, named);
  const live = await Promise.all(parts.map((each) => each.liveCauses?.()));
  const say = (line: string) => areTests(uses) || process.stderr.write(`${line}\n`);
  const stops = live.map((begin) => begin?.(client, id, say, known));
  return () => {
    for (const stop of stops) stop?.();
  };
}

/** Writes the ending as JSON. A failed write changes nothing of the command's end. */
async function writeFacts(path: string, facts: object): Promise<void> {
  await writeWhole(path, (part) => writeFile(part, `${harmlessJson(facts)}\n`)).catch((error: unknown) => {
    process.stderr.write(`${harmlessLine(fileProblem(path, error, 'written').message)}\n`);
  });
}

/** Keeps the run in a file, and says so. A failed write changes nothing of the command's end. */
async function saveTo(
  path: string,
  client: ExplorerClient,
  ended: Parameters<typeof runFacts>[0],
  redact?: readonly string[],
): Promise<void> {
  // Loaded here: most runs are not kept.
  const { saveRun } = await import('../../../core/command/files/run-file.ts');
  const said = await saveRun(client, path, runFacts(ended, GIVEN_ENVIRONMENT), redact).then(
    (traces) => `${path}: ${counted(traces, 'trace')}`,
    ({ message }: Error) => `The run could not be saved: ${withoutAdvice(message)}`,
  );
  process.stderr.write(`${harmlessLine(said)}\n`);
}

/** The arguments with `--` before the command, whose options are its own: `run --name a node --watch app.js`. */
function withDashes(args: readonly string[]): string[] {
  let at = 0;
  while (args[at]?.startsWith('-') && args[at] !== '--')
    at += args[at] === '--redact' || Object.hasOwn(TEXTS, args[at]?.slice(2) ?? '') ? 2 : 1;
  return args[at] === '--' ? [...args] : args.toSpliced(at, 0, '--');
}
