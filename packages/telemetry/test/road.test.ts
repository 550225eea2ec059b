import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { startNode } from '../../../test/helpers/processes.ts';

/** The most files whose functions run between the header that comes in and the header that goes out. */
const MAX_FILES = 14;

const SERVICE = fileURLToPath(import.meta.resolve('./fixtures/road-service.ts'));

const architecture = readFileSync(new URL('../../../ARCHITECTURE.md', import.meta.url), 'utf8');

/** The files of this package that the row of "Where to look" with this question names. */
function filesOf(question: string): string[] {
  const row = architecture.split('\n').find((line) => line.startsWith(`| ${question}`)) ?? '';
  return Array.from(row.matchAll(/`telemetry\/src\/([^`]+)`/g), ([, file]) => file as string);
}

/** The files that ran between the header that came in and the header that went out, in the default set-up. */
async function filesThatRun(): Promise<{ sent: string; files: string[] }> {
  const child = startNode('packages/telemetry', [SERVICE], {
    OTEL_SERVICE_NAME: 'road',
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none', // whose spool is looked at every two seconds, so perhaps meanwhile
    LOG_LEVEL: 'silent',
  });
  await child.exited;
  return JSON.parse(child.output());
}

t.test('the way of a request runs through the files that ARCHITECTURE.md names, and no others', async (t) => {
  const road = filesOf('How does `traceparent` travel?');
  const { sent, files } = await filesThatRun();
  t.match(
    sent,
    /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/,
    'the trace goes on',
  );
  t.ok(files.length > 0 && files.length <= MAX_FILES, `at most ${MAX_FILES} files, not ${files.length}`);
  t.same(road.toSorted(), files.toSorted(), 'ARCHITECTURE.md names each of them');
});
