import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import type { Block } from './helpers/command-blocks.ts';
import { blocksOf, commandsOf, DOCUMENTS } from './helpers/command-blocks.ts';
import { freePort, ROOT, startNode } from './helpers/processes.ts';
import { until } from './helpers/until.ts';

/** For all documents, on a machine that does other things as well. */
const LIMIT_MS = 300_000;
const GUIDE = 'docs/guide/';
/** Commands that run until they are stopped, and what they print when others can go on. */
const KEEP_RUNNING: Readonly<Record<string, string>> = {
  'node tandem dev': 'Tandem runs.',
  'node tandem logs -f': 'activities-api',
};

/** The documents' ports, as variables move them to free ones. */
async function freePlace(t: Test) {
  const [page = 0, api = 0, lookup = 0, otlp = 0, grpc = 0] = await Promise.all(
    Array.from({ length: 5 }, freePort),
  );
  const folder = mkdtempSync(join(tmpdir(), 'commands-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return {
    env: {
      DATA_DIR: folder,
      FRONTEND_URL: `http://localhost:${page}`,
      BACKEND_URL: `http://localhost:${api}`,
      USER_LOOKUP_URL: `http://localhost:${lookup}`,
      OTLP_PORT: String(otlp),
      OTLP_GRPC_PORT: String(grpc),
      NO_COLOR: '1',
    },
    moved: (command: string) =>
      command
        .replaceAll('localhost:3000', `localhost:${page}`)
        .replaceAll('localhost:4567', `localhost:${api}`)
        .replaceAll('localhost:4568', `localhost:${lookup}`)
        .replaceAll('localhost:4318', `localhost:${otlp}`),
  };
}

/** Runs one line as a reader does, in a shell at the workspace's root. */
function runLine(
  line: string,
  env: Readonly<Record<string, string>>,
): Promise<{ code: unknown; output: string }> {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env;
  return new Promise((resolve) => {
    execFile(
      'bash',
      ['-c', line],
      { cwd: ROOT, env: { PATH, HOME, NODE_COMPILE_CACHE, ...env }, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, output: stdout + stderr }),
    );
  });
}

t.setTimeout(LIMIT_MS);

const blocks = DOCUMENTS.flatMap(blocksOf).filter(
  ({ language, mark }) => language === 'sh' && mark === undefined,
);

t.test('the documents have blocks that run', async (t) => {
  const places = blocks.map(({ place }) => place.replace(/:\d+$/, ''));
  for (const document of [
    'README.md',
    'docs/nothing-arrives.md',
    'docs/guide/05-context.md',
    'packages/trace-explorer/README.md',
  ])
    t.ok(places.includes(document), document);
});

/** Blocks that one reader runs after another; the chapters of the guide are read with one `node tandem dev` running. */
const readings = Map.groupBy(blocks, ({ place }) => (place.startsWith(GUIDE) ? GUIDE : place));

for (const [reading, parts] of readings) {
  t.test(`the commands of ${reading} do what they say`, async (t) => {
    const { env, moved } = await freePlace(t);
    for (const { command, place } of parts.flatMap(stepsOf)) {
      const ready = KEEP_RUNNING[command];
      if (ready === undefined) {
        const { code, output } = await runLine(moved(command), env);
        t.equal(code, 0, `${place}: ${command}\n${output}`);
        t.not(output, '', command);
        continue;
      }
      const running = startNode('.', command.split(' ').slice(1), env, true);
      t.teardown(() => running.stop());
      await until(() => running.output().includes(ready), { what: running.output, limitMs: 60_000 });
    }
  });
}

function stepsOf(block: Block) {
  return commandsOf(block).map((command) => ({ command, place: block.place }));
}
