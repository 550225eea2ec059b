import type { TestProcess } from '../../../test/helpers/processes.ts';
import { startNode } from '../../../test/helpers/processes.ts';

/** A module that is loaded with `--import @tandem/telemetry/register`, in a process of its own. */
export function startTraced(
  script: string,
  env: Readonly<Record<string, string>>,
  nodeOptions: readonly string[] = [],
): TestProcess {
  const prologue = `import { withSpan } from '@tandem/telemetry';\n`;
  return startNode(
    'services/user-lookup', // where the package can be imported by its name
    [
      ...nodeOptions,
      '--import',
      '@tandem/telemetry/register',
      '--input-type=module',
      '--eval',
      prologue + script,
    ],
    { OTEL_SERVICE_NAME: 'child', ...env },
  );
}

/** Resolves when the process has printed `text`; rejects when it ends without. */
export async function printed(child: TestProcess, text: string): Promise<void> {
  while (!child.output().includes(text)) {
    if (child.child.exitCode !== null || child.child.signalCode !== null) {
      throw new Error(`The process ended without ${JSON.stringify(text)}:\n${child.output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The messages that the process logged, with their levels. */
export function logLines(child: TestProcess): { level: string; msg: string }[] {
  return child
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}
