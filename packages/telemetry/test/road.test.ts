import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import t from 'tap';
import { startNode } from '../../../test/helpers/processes.ts';

const SERVICE = fileURLToPath(import.meta.resolve('./fixtures/road-service.ts'));
const SOURCES = 'telemetry/src/';

const architecture = readFileSync(new URL('../../../ARCHITECTURE.md', import.meta.url), 'utf8');

/** The files in a row of the walk of a request, from `src`. */
function filesInRow(start: string): string[] {
  const row = architecture.split('\n').find((line) => line.startsWith(`| ${start}`)) ?? '';
  return Array.from(row.matchAll(/`([^`]+\.ts)`/g), ([, file]) => file as string).toSorted();
}

/** The files that run between the header that comes in and the header that goes out, of a request on connections that are open. */
async function filesThatRun(t: Test, environment: Readonly<Record<string, string>>): Promise<string[]> {
  const child = startNode('packages/telemetry', [SERVICE], {
    OTEL_SERVICE_NAME: 'road',
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none', // the spool of log lines is read every two seconds, perhaps meanwhile
    LOG_LEVEL: 'silent',
    TRACE_WAITS: 'false',
    ...environment,
  });
  await child.exited;
  const { sent, files }: { sent: string; files: string[] } = JSON.parse(child.output());
  t.match(
    sent,
    /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/,
    'the trace goes on',
  );
  return files.map((file) => file.slice(SOURCES.length)).toSorted();
}

const ROAD = filesInRow('Context comes in');

t.jobs = 3;

t.test(
  'without features, a trace context passes the files that ARCHITECTURE.md names, and no other',
  async (t) => {
    t.strictSame(await filesThatRun(t, {}), ROAD);
  },
);

for (const [feature, row, environment] of [
  ['waits', 'TRACE_WAITS', { TRACE_WAITS: 'true' }],
  ['lines', 'TRACE_CODE_LOCATIONS', { TRACE_CODE_LOCATIONS: 'true' }],
] as const)
  t.test(
    `${feature} adds files of its own folder alone, those that ARCHITECTURE.md names among them`,
    async (t) => {
      const ran = await filesThatRun(t, environment);
      const own = ran.filter((file) => file.startsWith(`features/${feature}/`));
      t.strictSame(
        ran.filter((file) => !own.includes(file)),
        ROAD,
      );
      const named = filesInRow(row);
      t.ok(named.length > 0, 'ARCHITECTURE.md has the row');
      // On a busy machine a turn may be long, which is a stall, and takes more files of waits.
      for (const file of named) t.ok(own.includes(file), `${file} runs: ${own.join()}`);
    },
  );
