import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { TestProcess } from '../../../test/helpers/processes.ts';
import { startNode } from '../../../test/helpers/processes.ts';

const FOLDER = 'packages/telemetry';

/** Starts telemetry, with the lean engine when a test of both engines asks for it. */
const REGISTER: string =
  process.env.TRACE_LEAN === 'true'
    ? import.meta.resolve('./fixtures/register-lean.ts')
    : import.meta.resolve('./fixtures/register.ts');

/**
 * A module in a process of its own, with the telemetry of `fixtures/register.ts` before.
 *
 * @param register the module that starts telemetry instead
 */
export function startTraced(
  script: string,
  env: Readonly<Record<string, string>>,
  nodeOptions: readonly string[] = [],
  register = REGISTER,
): TestProcess {
  const prologue = `import { withSpan } from '@tandem/telemetry';\n`;
  return startNode(
    FOLDER, // a package can import itself by its name
    [...nodeOptions, '--import', register, '--input-type=module', '--eval', prologue + script],
    { OTEL_SERVICE_NAME: 'child', ...env },
  );
}

/** Nobody listens there. */
export const NOBODY = 'http://127.0.0.1:1';

/**
 * Runs a module like {@link startTraced}, in a folder of the test's own, until the process ends with `code`. A busy machine may
 * leave no time to send the last spans: the next start does.
 */
export async function runTraced(
  t: Pick<Test, 'equal' | 'testdir'>,
  script: string,
  env: Readonly<Record<string, string>>,
  code = 0,
): Promise<TestProcess> {
  const DATA_DIR = env.DATA_DIR ?? t.testdir();
  const given = { ...env, DATA_DIR };
  const child = startTraced(script, given);
  t.equal(await child.exited, code, child.output());
  if (env.OTEL_EXPORTER_OTLP_ENDPOINT !== NOBODY) await sendLeftovers(given, 2); // the backend may be one that takes nothing
  return child;
}

/** The files of the spool in a process's DATA_DIR. */
export function filesOf(dataDirectory: string): string[] {
  const spool = join(dataDirectory, 'spool');
  if (!existsSync(spool)) return [];
  return readdirSync(spool, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.spans'));
}

/**
 * Has processes send what earlier ones left in their spool, one after the other: a busy machine may have had no time to send the
 * last spans.
 *
 * @param most processes: what the backend does not take stays
 */
export async function sendLeftovers(
  env: Readonly<Record<string, string>> & { readonly DATA_DIR: string },
  most = 20,
): Promise<void> {
  const script = `const { running } = await import('./src/process/running.ts'); await running.value.shutdown();`;
  for (let left = most; left > 0 && filesOf(env.DATA_DIR).length > 0; left--)
    await startTraced(script, env).exited;
}

/** Each span once: a request whose answer came too late for the end of its process is sent by the next one again. */
export function distinct<S extends { readonly spanId: string }>(spans: readonly S[]): S[] {
  return [...new Map(spans.map((span) => [span.spanId, span])).values()];
}

/** The messages that the process logged, with their levels. */
export function logLines(child: TestProcess): { level: string; msg: string }[] {
  return child
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}
