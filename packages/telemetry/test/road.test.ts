import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { startNode } from '../../../test/helpers/processes.ts';

/** The most files whose functions run between the incoming header and the outgoing header. */
const MAX_FILES = 14;

const SERVICE = fileURLToPath(import.meta.resolve('./fixtures/road-service.ts'));

const architecture = readFileSync(new URL('../../../ARCHITECTURE.md', import.meta.url), 'utf8');

/** The files that ARCHITECTURE.md names for the way of the trace context. */
function filesInDocument(): string[] {
  const row = architecture.split('\n').find((line) => line.startsWith('| Context comes in')) ?? '';
  return Array.from(row.matchAll(/`([^`]+\.ts)`/g), ([, file]) => file as string);
}

/** The files that ran between the incoming header and the outgoing header, in the default set-up. */
async function filesThatRun(): Promise<{ sent: string; files: string[] }> {
  const child = startNode('packages/telemetry', [SERVICE], {
    OTEL_SERVICE_NAME: 'road',
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none', // the spool of log lines is read every two seconds, perhaps meanwhile
    LOG_LEVEL: 'silent',
  });
  await child.exited;
  const { sent, files }: { sent: string; files: string[] } = JSON.parse(child.output());
  // On a busy machine a turn is long, which is a stall, and a kept connection may have ended, so that the call opens one.
  return { sent, files: files.filter((file) => !/\/waits\/(?!stalls)|\/http\/connecting\.ts$/.test(file)) };
}

t.test(
  `a trace context passes at most ${MAX_FILES} files, those that ARCHITECTURE.md names among them`,
  async (t) => {
    const { sent, files } = await filesThatRun();
    t.match(
      sent,
      /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/,
      'the trace goes on',
    );
    t.ok(files.length > 0 && files.length <= MAX_FILES, `at most ${MAX_FILES} files, not ${files.join()}`);
    const named = filesInDocument();
    t.ok(named.length > 5, 'ARCHITECTURE.md has the row');
    t.strictSame(
      named.filter((file) => !files.some((each) => each.endsWith(`/src/${file}`))),
      [],
      'each file in the row runs',
    );
  },
);
