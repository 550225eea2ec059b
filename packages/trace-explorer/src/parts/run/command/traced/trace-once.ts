import { randomUUID } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { TYPED } from '../../../../core/call.ts';
import type { ExplorerClient } from '../../../../core/command/client/explorer-client.ts';
import { dataFolder } from '../../../../core/command/default-data-folder.ts';
import { keepLastRun, lastRunHere } from '../../../../core/command/last-run.ts';
import type {} from '../../../../core/command/live-causes.ts';
import { withoutAdvice } from '../../../../core/command/wrong-usage.ts';
import type { CommandContext } from '../../../../core/door/node.ts';
import { knownIn } from '../../../../core/problems/file/known-here.ts';
import { harmlessLine } from '../../../../lib/text/harmless-text.ts';
import { counted } from '../../../../lib/text/words.ts';
import { GIVEN_ENVIRONMENT } from '../../../../process-settings.ts';
import type { RunSummary } from '../../contributions.ts';
import { agentNotes, agentOf, agentVariables } from '../agents.ts';
import { beginCommandSpan } from '../command-span.ts';
import { endingOf } from '../ending/ending.ts';
import { areTests, sayUntraced } from '../ending/while-running.ts';
import { environmentFor } from '../environment.ts';
import { sendLeftovers, sendWhileRunning } from '../leftovers.ts';
import { childrenTime } from '../processor-time.ts';
import { headOf, runFacts } from '../run-facts.ts';
import { runToEnd } from '../run-to-end.ts';
import type { Target } from '../target.ts';
import { findAgain } from '../target.ts';

/** Characters of the command in each resource. */
export const SHOWN = 100;

type Name =
  | 'name'
  | 'save'
  | 'json'
  | 'times'
  | 'port'
  | 'otlp-port'
  | 'data-dir'
  | 'known'
  | 'honeycomb-env';
type Flag = 'live' | 'no-live' | 'profile' | 'honeycomb' | 'prompts';

/** The values of `run`'s options. */
export type RunValues = { readonly [name in Name]?: string | undefined } & {
  readonly [flag in Flag]?: boolean;
} & { readonly redact?: readonly string[] };

/** A command, and the explorer that it sends to. */
export interface Traced {
  readonly context: CommandContext;
  readonly target: Target;
  readonly command: readonly [string, ...string[]];
  /** The command without its secrets; and its beginning, for people. */
  readonly shown: string;
  readonly told: string;
  /** Folder for what its processes write down. */
  readonly work: string;
  readonly values: RunValues;
}

/** A run of the command that has ended, with the last lines about it. */
export interface TracedRun {
  readonly id: string;
  readonly exitCode: number;
  /** When the command was asked to stop, in seconds since the epoch. */
  readonly stopped: number | undefined;
  readonly text: string;
  readonly facts: object | undefined;
  readonly places: NonNullable<RunSummary['places']>;
}

interface Options {
  /** Called when the command's spans have come; `since` in seconds since the epoch. */
  readonly afterwards?: ((client: ExplorerClient, since: number) => Promise<void>) | undefined;
  /** What a signal does after the command; by default it ends this process. */
  readonly bySignal?: ((signal: NodeJS.Signals) => void) | undefined;
  /** Called when the run has its id, before the command starts. */
  readonly begins?: (id: string) => void;
}

/** Runs a command once. Nothing that comes after the command changes its exit code. @throws CliError where it cannot be started */
export async function traceOnce(
  { context, target, command: [command, ...rest], shown, told, work, values }: Traced,
  { afterwards, bySignal, begins }: Options = {},
): Promise<TracedRun> {
  const {
    name,
    save,
    redact,
    live,
    'no-live': isSilent = false,
    profile = false,
    prompts = false,
    known,
  } = values;
  const agent = agentOf(command);
  const id = randomUUID();
  const run = { id, since: Date.now() / 1000, uses: join(work, `uses-${id}.jsonl`) };
  begins?.(id);
  const head = headOf(name, GIVEN_ENVIRONMENT);
  const last = lastRunHere(shown);
  const spools = join(resolve(values['data-dir'] ?? dataFolder()), 'run');
  const spool = join(spools, new URL(target.endpoint).port, id);
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
  if (agent !== undefined) Object.assign(env, { TANDEM_RUN_OTEL: JSON.stringify(Object.fromEntries(otel)) });
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
  const { exitCode, stopped } = await runToEnd([command, ...rest], env, bySignal).finally(stopSaying);
  stopLive?.();
  // A code of a command that somebody ended, such as a watching runner, says nothing of its tests.
  const ownCode = stopped === undefined ? exitCode : undefined;
  const processorMs = before === undefined ? undefined : (childrenTime() ?? 0) - before;
  process.exitCode = exitCode;
  await findAgain(target).catch(({ message }: Error) => {
    process.stderr.write(
      `The explorer at ${target.client.url} has ended, and no other one can start: ${harmlessLine(message)}\n`,
    );
  });
  const kept = { id: run.id, stopped, folder: target.store && dirname(target.store) };
  const isKept = keepLastRun(kept, shown);
  await sendRest();
  const left = await sendLeftovers(spools, target, spool);
  if (left !== undefined) process.stderr.write(`${left}\n`);
  const here = await knownIn(process.cwd(), known);
  if (save !== undefined)
    await saveTo(
      save,
      target.client,
      { ...run, head, command: [command, ...rest], exitCode: ownCode, processorMs, place: here.place },
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
  // An agent's exit code is none of the tests that it ran.
  if (agent === undefined)
    await target.client
      .ask('/api/code-folder', { method: 'POST', body: { ...folder, problems, exit_code: ownCode } })
      .catch(({ message, cause }: Error) => {
        // An older explorer keeps none of these numbers.
        if (['RUN_FOLDERS_NOT_READABLE', 'FOLDER_NOT_WRITABLE'].includes(Object(cause).code))
          process.stderr.write(`The folder of this run was not kept: ${harmlessLine(message)}\n`);
      });
  return { id, exitCode, stopped, text, facts, places };
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
  const known = await knownIn(process.cwd(), named);
  const live = await Promise.all(parts.map((each) => each.liveCauses?.()));
  const say = (line: string) => areTests(uses) || process.stderr.write(`${line}\n`);
  const stops = live.map((begin) => begin?.(client, id, say, known));
  return () => {
    for (const stop of stops) stop?.();
  };
}

/** Keeps the run in a file, and says so. A failed write changes nothing of the command's end. */
async function saveTo(
  path: string,
  client: ExplorerClient,
  ended: Parameters<typeof runFacts>[0],
  redact?: readonly string[],
): Promise<void> {
  // Loaded here: most runs are not kept.
  const { saveRun } = await import('../../../../core/command/files/run-file.ts');
  const said = await saveRun(client, path, runFacts(ended, GIVEN_ENVIRONMENT), redact).then(
    (traces) => `${path}: ${counted(traces, 'trace')}`,
    ({ message }: Error) => `The run could not be saved: ${withoutAdvice(message)}`,
  );
  process.stderr.write(`${harmlessLine(said)}\n`);
}
