import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { COMMANDS } from '../helpers/launch/commands.ts';
import { INSTALL_TIMEOUT_MS, nodeBinary } from '../helpers/npm.ts';
import { freePort, ROOT, startNode } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';

t.setTimeout(4 * INSTALL_TIMEOUT_MS);

// Every command that needs no tools, in a clone that has none installed.
const folder = await mkdtemp(join(tmpdir(), 'tandem-without-tools-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));
const clone = join(folder, 'clone');
execFileSync('git', ['clone', '--quiet', '--depth=1', `file://${ROOT}`, clone]);
const node = await nodeBinary('20.20.2');
const [page, api, lookup, otlp, grpc] = await Promise.all(Array.from({ length: 5 }, freePort));
const env = {
  PATH: `${dirname(node)}:${process.env.PATH}`,
  HOME: process.env.HOME ?? '',
  EXPLORER_URL: `http://localhost:${page}`,
  BACKEND_URL: `http://localhost:${api}`,
  USER_LOOKUP_URL: `http://localhost:${lookup}`,
  OTLP_PORT: String(otlp),
  OTLP_GRPC_PORT: String(grpc),
};

const query = join(folder, 'query.json');
await writeFile(query, JSON.stringify({ calculations: [{ op: 'COUNT' }] }));
const saved = join(folder, 'traces.json');
/** How each is called. `dev` runs beside all others but those that want its ports. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  run: ['--', 'node', '--version'],
  doctor: [],
  trace: [],
  logs: [],
  query: [query],
  check: [join(clone, 'honeycomb', 'triggers', 'slow-requests.json')],
  known: [],
  verify: [],
  compare: ['--help'],
  report: ['--help'],
  sample: ['--keep', '50'],
  pull: ['--help'],
  export: [saved],
  import: [saved],
  mcp: [],
  agents: ['--help'],
  load: ['--seconds', '1'],
  'honeycomb:check': [],
};
const LONG = ['dev', 'start', 'explorer', 'open'];
const MISSING = /ERR_MODULE_NOT_FOUND|Cannot find (?:module|package)/;

t.test('every command that needs no tools is called here', async (t) => {
  const names = Object.keys(COMMANDS).filter((name) => !COMMANDS[name]?.tools);
  t.strictSame(names.toSorted(), [...Object.keys(CALLS), ...LONG].toSorted());
});

t.test('each finds what it needs', async (t) => {
  await during('dev', /Tandem runs\./, async () => {
    await (await fetch(`http://localhost:${api}/api/activities/home`)).arrayBuffer();
    for (const [name, args] of Object.entries(CALLS)) {
      const child = execFile(node, ['tandem', name, ...args], { cwd: clone, env, timeout: 120_000 });
      child.stdin?.end();
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
      const [code] = await once(child, 'close');
      t.ok(code === 0 || code === 1, `${name} ended with ${code}: ${output.slice(0, 400)}`);
      t.notMatch(output, MISSING, name);
    }
  });
  await during('start', /listening at .*:\d+/, () => Promise.resolve());
  await during('explorer', /The trace explorer runs/, () => Promise.resolve());
  await during('open', /http:\/\/localhost/, () => Promise.resolve());
  await t.rejects(
    promisify(execFile)(join(clone, 'node_modules/.bin/tsc'), ['--version']),
    'no tools are there',
  );

  async function during(name: string, isReady: RegExp, task: () => Promise<unknown>) {
    const process = startNode(clone, ['tandem', name], env);
    try {
      await until(() => isReady.test(process.output()), {
        what: () => process.output(),
        limitMs: INSTALL_TIMEOUT_MS,
      });
      await task();
    } finally {
      await process.stop();
    }
    t.notMatch(process.output(), MISSING, name);
  }
});
