import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import t from 'tap';
import { isWalkOf } from '../../../test/helpers/files-that-ran.ts';
import { startNode } from '../../../test/helpers/processes.ts';

const SERVICE = fileURLToPath(import.meta.resolve('./fixtures/road-service.ts'));

/** The files that run between the header that comes in and the header that goes out, of a request on connections that are open. */
async function filesThatRan(t: Test, environment: Readonly<Record<string, string>>): Promise<string[]> {
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
  return files;
}

/** The features that are on, and how many files a trace context passes then. */
const WALKS: readonly (readonly [string, Readonly<Record<string, string>>, number])[] = [
  ['without features', {}, 14],
  ['as it is by default', { TRACE_WAITS: 'true' }, 21],
  ['with lines of code alone', { TRACE_CODE_LOCATIONS: 'true' }, 21],
  ['as `dev` sets it', { TRACE_WAITS: 'true', TRACE_CODE_LOCATIONS: 'true' }, 28],
  ['with the lean engine', { TRACE_LEAN: 'true' }, 16],
];

t.jobs = 3;

for (const [name, environment, most] of WALKS)
  t.test(`a trace context passes through few files ${name}`, async (t) => {
    isWalkOf(t, await filesThatRan(t, environment), most);
  });

for (const [feature, environment] of [
  ['waits', { TRACE_WAITS: 'true' }],
  ['lines', { TRACE_CODE_LOCATIONS: 'true' }],
] as const)
  t.test(`${feature} adds files of its own folder alone`, async (t) => {
    const without = await filesThatRan(t, {});
    const added = (await filesThatRan(t, environment)).filter((file) => !without.includes(file));
    t.ok(added.length > 0, 'it runs');
    t.strictSame(
      added.filter((file) => !file.startsWith(`telemetry/src/features/${feature}/`)),
      [],
    );
  });
