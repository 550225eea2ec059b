import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { GIVEN_ENVIRONMENT } from '../../process-settings.ts';
import { readArguments, wrongUsage } from '../arguments.ts';
import { CALL, CliError } from '../client/explorer-client.ts';
import { beginCommandSpan } from './command-span.ts';
import { endingOf } from './ending.ts';
import { driversIn, environmentFor } from './environment.ts';
import { findExplorer, PAGE_PORT, startOwn } from './target.ts';

const USAGE = `Runs a command and shows its traces: starts an explorer where none runs, for as long as the command runs.

  ${CALL} run -- npm run dev
  --name NAME         of the run, for compare: vcs.ref.head.revision of what it sends
  --port PORT         of the explorer's page (3000 where one runs, else ${PAGE_PORT})
  --otlp-port PORT    of OTLP over HTTP, where an explorer is started (4318)
  --data-dir FOLDER   where data is kept, where an explorer is started

Node: servers of any framework, fetch and http.request, pino, ioredis, node-redis, mysql2, mongoose and graphql are traced;
pg and mongodb where package.json names them. Install and change nothing. Python, Go, Java and .NET: OpenTelemetry's own
SDK or agent reads the same variables.
`;

const text = { type: 'string' } as const;

/**
 * `run -- COMMAND`: passes signals, standard streams and the exit code through, and ends with a line about the traces.
 * @throws CliError; ListenError, StoreOpenError when the explorer cannot start
 */
export async function runProgram(args: readonly string[]): Promise<void> {
  const options = { name: text, port: text, 'otlp-port': text, 'data-dir': text };
  const { values, positionals } = readArguments(args, USAGE, options);
  const { name, port, ...own } = values;
  const [command, ...rest] = positionals;
  if (command === undefined) throw wrongUsage('Name the command to run.', USAGE);
  const isNamed = port !== undefined;
  const trust = { token: GIVEN_ENVIRONMENT.EXPLORER_TOKEN || undefined, isNamed };
  const ports = isNamed ? [port] : ['3000', PAGE_PORT];
  const target = (await findExplorer(ports, trust)) ?? (await startOwn({ ...own, ...(isNamed && { port }) }));
  process.stderr.write(`Traces: ${target.client.url}\n`);
  const since = Date.now() / 1000;
  const work = mkdtempSync(join(tmpdir(), 'trace-explorer-run-'));
  const uses = join(work, 'uses.jsonl');
  try {
    const { TANDEM, INIT_CWD } = GIVEN_ENVIRONMENT;
    const cwd = TANDEM && INIT_CWD ? INIT_CWD : process.cwd(); // the launcher runs in the workspace's root
    for (const driver of driversIn(cwd))
      process.stderr.write(`${driver} is traced by @opentelemetry/instrumentation-${driver}.\n`);
    const span = beginCommandSpan(command, target, GIVEN_ENVIRONMENT);
    const env = { ...environmentFor(target, { cwd, name, uses }), ...span?.env };
    const exitCode = await runToEnd([command, ...rest], { cwd, env });
    process.exitCode = exitCode;
    // Before the command's own span, which is there in any case.
    const ending = await endingOf(target, { since, uses, env });
    await span?.end(exitCode).catch(({ message }: Error) => {
      process.stderr.write(`The command's span was not sent: ${message}\n`);
    });
    process.stderr.write(`${ending}\n`);
  } finally {
    rmSync(work, { recursive: true, force: true });
    await target.own?.stop();
  }
}

/** Runs the command as if it had been started without this one. Resolves with its exit code. @throws CliError */
async function runToEnd(
  [command, ...args]: [string, ...string[]],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<number> {
  const child = spawn(command, args, { ...options, stdio: 'inherit', shell: process.platform === 'win32' });
  // A terminal sends Ctrl+C to the command, too.
  const pass = (signal: NodeJS.Signals) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, pass);
  const { code, signal } = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(
    (resolve, reject) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
      child.once('error', ({ message }) =>
        reject(new CliError(`${command} cannot be started: ${message}`, { exitCode: 127 })),
      );
    },
  );
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
