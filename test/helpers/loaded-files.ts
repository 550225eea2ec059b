import { join } from 'node:path';
import { startNode } from './processes.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Loads the entries one after the other, and prints the paths of the workspace's files that the process has loaded. */
const script = (entries: readonly string[]) => `
  import { registerHooks } from 'node:module';
  import { relative } from 'node:path';
  import { fileURLToPath } from 'node:url';
  const files = new Set();
  registerHooks({
    load(url, context, next) {
      const isOwn = url.startsWith('file:') && url.endsWith('.ts') && !url.includes('/node_modules/');
      if (isOwn) files.add(relative(${JSON.stringify(ROOT)}, fileURLToPath(url)));
      return next(url, context);
    },
  });
  for (const entry of ${JSON.stringify(entries)}) await import(entry);
  process.stdout.write('\\nloaded ' + JSON.stringify([...files]) + '\\n', () => process.exit());
`;

/**
 * The files of this workspace that a process loads, as Node's hooks tell them.
 *
 * @param entries modules by their paths in the workspace
 */
export async function loadedFiles(
  entries: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ReadonlySet<string>> {
  const text = script(entries.map((entry) => join(ROOT, entry)));
  const child = startNode('.', ['--input-type=module', '--eval', text], {
    OTEL_SERVICE_NAME: 'loaded',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', // nobody listens there
    LOG_LEVEL: 'silent',
    PORT: '0',
    ...env,
  });
  const code = await child.exited;
  const list = /^loaded (\[.*\])$/m.exec(child.output())?.[1];
  if (list === undefined) throw new Error(`The process ended with ${code}:\n${child.output()}`);
  return new Set<string>(JSON.parse(list));
}
