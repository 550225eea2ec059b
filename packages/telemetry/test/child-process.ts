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
    'packages/telemetry', // a package can import itself by its name
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

/** The messages that the process logged, with their levels. */
export function logLines(child: TestProcess): { level: string; msg: string }[] {
  return child
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}
