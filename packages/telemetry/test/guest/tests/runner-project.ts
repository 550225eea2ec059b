import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import type { ReceivedSpan } from '@tandem/otlp/testing';
import type { Test } from 'tap';
import { npmInstall } from '../../../../../test/helpers/npm.ts';
import { until } from '../../../../../test/helpers/until.ts';
import { distinct, sendLeftovers } from '../../child-process.ts';
import { startReceiver } from '../../receiver.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures', 'runners');
/** After so long without another run, a change was missed. */
const MISSED_MS = 8_000;
const REGISTER = import.meta.resolve('@tandem/telemetry/register');

/** What the commands of a project run with. */
interface Setup {
  /** Node's program. */
  readonly node?: string;
  /** What `--import` names. */
  readonly register?: string;
}

/** What came of a command. */
interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

/**
 * A project with a test runner, in a folder of its own until the test ends.
 *
 * @param packages to install @param files names in the project → fixtures, or the text of the file
 */
export async function runnerProject(
  t: Pick<Test, 'teardown'>,
  packages: readonly string[],
  files: Readonly<Record<string, string>>,
  { node = process.execPath, register = REGISTER }: Setup = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'runner-')); // outside of the workspace, whose packages would be found from here
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await npmInstall(folder, packages);
  for (const [name, fixture] of Object.entries({ 'test/server.cjs': 'server.cjs', ...files })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    if (fixture.includes('\n')) await writeFile(join(folder, name), fixture);
    else await copyFile(join(FIXTURES, fixture), join(folder, name));
  }

  function start(command: readonly string[], env: Readonly<Record<string, string>>) {
    const [program = '', ...args] = command;
    const PATH = [join(folder, 'node_modules', '.bin'), dirname(node), process.env.PATH].join(delimiter);
    const child = spawn(program, args, { cwd: folder, env: { PATH, HOME: folder, NO_COLOR: '1', ...env } });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    const ended = once(child, 'close').then(([code]): Outcome => ({ code, output: withoutTimes(output) }));
    return { child, said: () => output, ended };
  }

  /** Where a traced command sends to. */
  async function receiverOf(env: Readonly<Record<string, string>>) {
    const receiver = await startReceiver(t);
    const data = await mkdtemp(join(tmpdir(), 'runner-data-'));
    t.teardown(() => rm(data, { recursive: true, force: true }));
    const sends = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: 'tests', DATA_DIR: data };
    const options = { NODE_OPTIONS: `--import ${register}`, OTEL_LOG_LEVEL: 'none', ...env, ...sends };
    const spans = async () => {
      await sendLeftovers(sends);
      return distinct(receiver.spans());
    };
    return { options, spans };
  }

  /** Runs a command with and without telemetry. @returns what came of both, and the spans of the traced one */
  async function compare(command: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const { options, spans } = await receiverOf(env);
    const plain = await start(command, { NODE_OPTIONS: '--import data:text/javascript,', ...env }).ended;
    const traced = await start(command, options).ended;
    return { plain, traced, spans: await spans() };
  }

  /**
   * Runs a command that watches files, changes a file each time that it has run the tests, and stops it with Ctrl+C.
   *
   * @param settled what the command says when it has run the tests, and at no other time @param texts of the file, one after the other
   */
  async function watch(command: readonly string[], settled: string, file: string, texts: readonly string[]) {
    const { options, spans } = await receiverOf({});
    const { child, said, ended } = start(command, options);
    const settles = () => said().split(settled).length;
    await until(() => settles() > 1, { what: said });
    for (const text of texts) {
      const before = settles();
      const change = () => writeFile(join(folder, file), text);
      await change();
      // What is changed while a runner begins to watch again may be missed.
      const again = setInterval(change, MISSED_MS);
      await until(() => settles() > before, { what: said }).finally(() => clearInterval(again));
    }
    child.kill('SIGINT');
    const { output } = await ended;
    return { output, spans: await spans() };
  }
  return { folder, compare, watch };
}

/** The number of the first line of a fixture that contains a text. */
export function lineOf(fixture: string, text: string): number {
  const lines = readFileSync(join(FIXTURES, fixture), 'utf8').split('\n');
  return 1 + lines.findIndex((line) => line.includes(text));
}

/** The output without what differs from run to run: times, ports, frames of Node's channels, the order of parallel lines. */
function withoutTimes(text: string): string {
  return text
    .replaceAll(/ ?\(\d+(?:\.\d+)?\s?(?:m?s|m)\)/g, '') // only where the test was slow
    .replaceAll(/\d+(?:\.\d+)?\s?m?s\b/g, '…')
    .replaceAll(/^ +(?:[✓✘-]|ok|x) +\d+ /gm, '') // the number of a test, in the order of two workers
    .replaceAll(/\(node:\d+\)/g, '(node:PID)')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
    .split('\n')
    .filter(
      (line) => !/^\s*$|node:diagnostics_channel|^Time:|^Seed:|worker process has failed to exit/.test(line),
    )
    .toSorted()
    .join('\n');
}

/**
 * A line for each execution of a file, in their order, with its tests: `a.js: pays fail, waits pass`. One that came
 * out as the one before is the same line: a runner may run a file more often than it was changed.
 */
export function executionsOf(spans: readonly ReceivedSpan[]): string[] {
  const tests = spans
    .filter(({ attributes }) => 'test.case.name' in attributes)
    .toSorted((a, b) => (a.start < b.start ? -1 : 1));
  const fileOf = ({ attributes }: ReceivedSpan) =>
    `${attributes['code.file.path']} ${attributes['tandem.test.group'] ?? ''}`;
  const files = [...Map.groupBy(tests, fileOf).values()].map((ofFile) => {
    const executions = Map.groupBy(ofFile, ({ attributes }) => attributes['tandem.test.execution']);
    const lines = [...executions.values()].map((each) => {
      const told = each.map(
        ({ attributes }) => `${attributes['test.case.name']} ${attributes['test.case.result.status']}`,
      );
      return `${basename(String(each[0]?.attributes['code.file.path']))}: ${told.toSorted().join(', ')}`;
    });
    return lines.filter((line, nth) => line !== lines[nth - 1]);
  });
  return files.toSorted((a, b) => String(a[0]).localeCompare(String(b[0]))).flat();
}

/** A line for each attempt, with what the test has asked for: `a.js › pays #1 fail: /before /pays`. */
export function attemptsOf(spans: readonly ReceivedSpan[]): string[] {
  return spans
    .filter(({ attributes }) => 'test.case.name' in attributes)
    .map(({ name, traceId, attributes }) => {
      const requests = spans.filter((span) => span.traceId === traceId && span.kind === 'SERVER');
      const paths = requests
        .map((span) => span.attributes['url.path'])
        .filter((path) => path !== '/favicon.ico');
      const { 'tandem.test.attempt': attempt, 'test.case.result.status': status } = attributes;
      return `${name} #${attempt} ${status}: ${paths.toSorted().join(' ')}`;
    })
    .toSorted();
}
