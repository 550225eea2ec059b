import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import type { Block } from '../helpers/command-blocks.ts';
import { blocksOf, commandsOf, DOCUMENTS, linesNotPrinted } from '../helpers/command-blocks.ts';
import { freePort, ROOT, startNode } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';

/** For all documents, on a machine that does much else as well: alone they take some two minutes. */
const LIMIT_MS = 1_200_000;
const GUIDE = 'docs/guide/';
const DEV = 'node tandem dev';
/** Commands that run until they are stopped, and what they print when others can go on. */
const KEEP_RUNNING: Readonly<Record<string, string>> = {
  [DEV]: 'Tandem runs.',
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
      EXPLORER_URL: `http://localhost:${page}`,
      BACKEND_URL: `http://localhost:${api}`,
      USER_LOOKUP_URL: `http://localhost:${lookup}`,
      OTLP_PORT: String(otlp),
      OTLP_GRPC_PORT: String(grpc),
      NO_COLOR: '1',
    },
    moved: (command: string) =>
      command
        .replaceAll('localhost:4319', `localhost:${page}`)
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

const all = DOCUMENTS.flatMap(blocksOf);
const blocks = all.filter(({ language, mark }) => language === 'sh' && mark === undefined);

/** The output that a document shows right below a block. */
function shownBelow(block: Block): Block | undefined {
  const next = all[all.indexOf(block) + 1];
  return next?.language === 'text' && documentOf(next) === documentOf(block) ? next : undefined;
}

/** The lines for `.env` that a document has right above a block. The reader takes them out again after the block. */
function linesForDotEnv(block: Block): readonly string[] {
  const above = all[all.indexOf(block) - 1];
  return above?.language === 'env' && documentOf(above) === documentOf(block) ? above.lines : [];
}

function documentOf({ place }: Block): string {
  return place.replace(/:\d+$/, '');
}

t.test('the documents have blocks that run', async (t) => {
  t.ok(blocks.length > 20);
});

/** Blocks that one reader runs after another; the chapters of the guide are read with one `node tandem dev` running. */
const readings = Map.groupBy(blocks, ({ place }) => (place.startsWith(GUIDE) ? GUIDE : place));

for (const [reading, parts] of readings) {
  t.test(`the commands of ${reading} do what they say`, async (t) => {
    const reader = await newReader(t);
    for (const block of parts) {
      const lines = linesForDotEnv(block);
      if (lines.length > 0) await reader.restart(lines);
      let printed = '';
      for (const command of commandsOf(block)) printed += await reader.run(command, block.place);
      if (lines.length > 0) await reader.restart([]);
      const shown = shownBelow(block);
      if (shown === undefined) continue;
      t.same(linesNotPrinted(shown, printed), [], `${shown.place} shows what is printed:\n${printed}`);
    }
  });
}

/** Runs commands as a reader does, with the services that keep running. */
async function newReader(t: Test) {
  const { env, moved } = await freePlace(t);
  const kept: ReturnType<typeof startNode>[] = [];
  const keep = async (command: string, ready: string, more: Readonly<Record<string, string>> = {}) => {
    const running = startNode('.', command.split(' ').slice(1), { ...env, ...more }, true);
    kept.push(running);
    t.teardown(() => running.stop());
    await until(() => running.output().includes(ready), { what: running.output, limitMs: 60_000 });
  };
  return {
    /** Resolves with the command's output, or with none where it keeps running. */
    async run(command: string, place: string): Promise<string> {
      const ready = KEEP_RUNNING[command];
      if (ready !== undefined) {
        await keep(command, ready);
        return '';
      }
      const { code, output } = await runLine(moved(command), env);
      t.equal(code, 0, `${place}: ${command}\n${output}`);
      t.not(output, '', command);
      return output.endsWith('\n') ? output : `${output}\n`;
    },
    /** Starts `node tandem dev` again, with lines that the reader puts into `.env`. */
    async restart(lines: readonly string[]): Promise<void> {
      await Promise.all(kept.splice(0).map((running) => running.stop()));
      await keep(DEV, KEEP_RUNNING[DEV] ?? '', Object.fromEntries(lines.map((line) => line.split('=', 2))));
    },
  };
}
