import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Test } from 'tap';
import t from 'tap';
import { packPackage } from '../../scripts/lib/pack-package.ts';
import { atNight, IS_NIGHT } from '../helpers/nightly.ts';
import { INSTALL_TIMEOUT_MS, nodeBinary, npmInstall } from '../helpers/npm.ts';
import { ROOT } from '../helpers/processes.ts';
import { startRedisServer } from '../helpers/redis-server.ts';
import { until } from '../helpers/until.ts';

// At night too: on every Node that the package supports, with its other commands.

const NODES = IS_NIGHT ? ['22.23.3', process.versions.node] : [process.versions.node];
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

const NOW = Date.now();
const DOCUMENT = {
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId: TRACE_ID,
              spanId: 'b7ad6b7169203331',
              name: 'GET /cart',
              kind: 2,
              startTimeUnixNano: `${NOW}000000`,
              endTimeUnixNano: `${NOW + 5}000000`,
              attributes: [{ key: 'cart.items', value: { intValue: '3' } }],
            },
          ],
        },
      ],
    },
  ],
};

/** The parts of OTLP JSON that are read here. */
interface OtlpSpans {
  readonly scopeSpans: readonly {
    readonly spans: readonly { readonly kind: number; readonly name: string }[];
  }[];
}

/** Loaded before anything else of an app: tells of each package that patches modules. */
const TELL_PATCHING = `
  require('node:module').registerHooks({
    load(url, context, next) {
      if (/(?:import|require)-in-the-middle/.test(url)) process.stderr.write('loads ' + url + '\\n');
      return next(url, context);
    },
  });
`;

t.setTimeout(INSTALL_TIMEOUT_MS);
// Outside of the workspace, whose packages would be found from here.
const work = await mkdtemp(join(tmpdir(), 'packed-explorer-'));
t.teardown(() => rm(work, { recursive: true, force: true }));
const installed = join(work, 'installed');
await npmInstall(installed, [await packPackage('trace-explorer', work)]);
const { bin }: { bin: Record<string, string> } = createRequire(join(installed, 'index.js'))(
  join(installed, 'node_modules', '@tandem', 'trace-explorer', 'package.json'),
);
const COMMAND = join(installed, 'node_modules', '@tandem', 'trace-explorer', bin['trace-explorer'] ?? '');

/** Starts the command; resolves when it has ended. */
function start(
  node: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  stdin: 'ignore' | 'pipe' = 'ignore',
  cwd: string = work,
) {
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  const child = spawn(node, [COMMAND, ...args], {
    cwd,
    env: { PATH, HOME: work, NODE_COMPILE_CACHE, ...env },
    stdio: [stdin, 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk) => (stdout += chunk));
  child.stderr?.on('data', (chunk) => (stderr += chunk));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout, stderr })),
  );
  return { child, ended, output: () => stdout + stderr };
}

/** The explorer on free ports, with its data in a folder. */
async function startExplorer(t: Test, node: string, folder: string) {
  const ports = ['--port', '0', '--otlp-port', '0', '--grpc-port', 'off'];
  const explorer = start(node, [...ports, '--data-dir', folder, '--max-bytes', '64MiB']);
  t.teardown(async () => {
    explorer.child.kill('SIGKILL');
    await explorer.ended;
  });
  const find = (label: string) =>
    new RegExp(`^ +${label} +(http://localhost:\\d+)`, 'm').exec(explorer.output())?.[1];
  const page = await until(() => find('Page'), { what: explorer.output, limitMs: 60_000 });
  return { ...explorer, page, otlp: find('OTLP') ?? '' };
}

t.test('what tells an agent how to ask comes with the package', async (t) => {
  const skill = await readFile(join(dirname(COMMAND), 'SKILL.md'), 'utf8');
  t.match(skill, /^---\nname: ask-the-trace-explorer\n/);
});

for (const version of NODES) {
  t.test(`Node ${version}: the page answers, a span arrives, and export gives it back`, async (t) => {
    const node = await nodeBinary(version);
    const data = join(work, `data-${version}`);
    const { page, otlp, child, ended, output } = await startExplorer(t, node, data);
    for (const language of ['Node', 'Python', 'Go', 'Java', '.NET'])
      t.match(output(), new RegExp(`^ +${language} +OTEL_EXPORTER_OTLP_ENDPOINT=${otlp} `, 'm'));

    const html = await (await fetch(page)).text();
    const assets = Array.from(html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g), ([, path = '']) => path);
    t.ok(assets.length > 2, html);
    for (const path of assets) t.equal((await fetch(page + path)).status, 200, path);
    t.match(await (await fetch(`${page}/trace.js`)).text(), otlp, 'the script for other pages');
    t.equal((await fetch(`${page}/documentation/static/index.html`)).status, 200);

    const sent = await fetch(`${otlp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(DOCUMENT),
    });
    t.equal(sent.status, 200);
    const trace = await (await fetch(`${page}/api/traces/${TRACE_ID}/outline`)).json();
    t.match(trace, { texts: ['GET /cart'], services: [{ name: 'shop' }] });

    const file = join(work, `exported-${version}.jsonl`);
    const exported = await start(node, ['export', TRACE_ID, '--out', file, '--url', page]).ended;
    t.match(exported, { code: 0, stdout: `${file}: 1 trace\n`, stderr: '' });
    t.match(JSON.parse(await readFile(file, 'utf8')), {
      resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: TRACE_ID, name: 'GET /cart' }] }] }],
    });
    const question = { name: 'get_trace', arguments: { trace_id: TRACE_ID } };
    const asked = await fetch(`${page}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: question }),
    });
    t.equal(asked.status, 200);
    t.match(await asked.text(), /GET \/cart/, 'an agent asks over HTTP');
    if (!IS_NIGHT) {
      child.kill('SIGTERM');
      t.match(await ended, { code: 0, stderr: '' });
      return;
    }
    const agent = start(node, ['mcp', '--url', page], {}, 'pipe');
    const clientInfo = { name: 'test', version: '1' };
    const say = (id: number, method: string, params: object) =>
      agent.child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    say(1, 'initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
    say(2, 'tools/call', question);
    await until(() => agent.output().includes('GET /cart'), { what: agent.output, limitMs: 60_000 });
    agent.child.stdin?.end();
    t.match(await agent.ended, { code: 0, stderr: '' }, 'an agent asks over stdio');

    const trigger = join(work, `trigger-${version}.json`);
    const query = { calculations: [{ op: 'MAX', column: 'duration_ms' }], time_range: 3600 };
    await writeFile(trigger, JSON.stringify({ name: 'slow', query, threshold: { op: '>', value: 4 } }));
    t.match(await start(node, ['check', trigger, '--url', page]).ended, {
      code: 1,
      stdout: /^✗ slow: MAX\(duration_ms\) is 5, fires when > 4\n/,
      stderr: '',
    });
    child.kill('SIGTERM');
    t.match(await ended, { code: 0, stderr: '' });
    t.match(await start(node, ['check', trigger, '--url', page]).ended, {
      code: 2,
      stderr:
        /No trace explorer answers .* node .*trace-explorer\.mjs run -- CMD, start the explorer alone with node .*trace-explorer\.mjs,/,
    });

    const { page: later } = await startExplorer(t, node, data);
    const again = await start(node, ['export', '--url', later]).ended;
    t.match(again, { code: 0, stderr: /^(?:export: 1 trace so far\n)*$/ }, 'after another start');
    t.match(JSON.parse(again.stdout), { resourceSpans: [{}] });
  });
}

if (IS_NIGHT)
  t.test(
    'import takes documents, documents per line and several files, into a folder of its own',
    async (t) => {
      const data = join(work, 'imported');
      const one = join(work, 'one.json');
      await writeFile(one, JSON.stringify(DOCUMENT, null, 2));
      const lines = join(work, 'lines.jsonl');
      const other = JSON.stringify(DOCUMENT).replaceAll(TRACE_ID, 'f'.repeat(32));
      const log = { timeUnixNano: `${NOW}000000`, body: { stringValue: 'cart emptied' } };
      const logs = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [log] }] }] });
      await writeFile(lines, `${JSON.stringify(DOCUMENT)}\n${other}\n${logs}\n`);
      const { page } = await startExplorer(t, process.execPath, data);
      const imported = await start(process.execPath, ['import', one, lines, '--url', page]).ended;
      t.match(imported, {
        code: 0,
        stderr: '',
        stdout: `${one}: 1 span\n${lines}: 1 span, 1 log record, 1 already stored\n`,
      });
      const { stdout } = await start(process.execPath, ['export', '--url', page]).ended;
      const ids = stdout
        .trim()
        .split('\n')
        .map((line) => /"traceId":"(\w+)"/.exec(line)?.[1]);
      t.strictSame(ids.toSorted(), [TRACE_ID, 'f'.repeat(32), undefined].toSorted());
      t.match(stdout, /"cart emptied"/);
    },
  );

if (IS_NIGHT)
  t.test('an impossible command ends with one line that says what to do', async (t) => {
    const wrong = join(work, 'wrong.json');
    await writeFile(wrong, 'no JSON');
    const nothing = join(work, 'nothing.json');
    await writeFile(nothing, '');
    const loud = await start(process.execPath, ['--loud']).ended;
    t.match(loud, { code: 2, stderr: /^Unknown option '--loud'\.\n[\s\S]*--otlp-port/ });
    const { page } = await startExplorer(t, process.execPath, join(work, 'empty'));
    const cases: readonly (readonly [string[], RegExp])[] = [
      [['--port', 'many'], /^PORT must be a port .*, not "many"/],
      [['--data-dir', wrong], /^DATA_DIR cannot be used: .*wrong\.json.* not a folder\. Set DATA_DIR to /],
      [['exprot'], /^There is no command exprot\./],
      [['import'], /^Name the files to import/],
      [
        ['import', join(work, 'none.json'), '--url', page],
        /none\.json cannot be read: it, or its folder, is not there/,
      ],
      [['import', work, '--url', page], /^\S+ cannot be read: it is a folder/],
      [['import', wrong, '--url', page], /wrong\.json: .*JSON/],
      [['import', nothing, '--url', page], /nothing\.json: it is empty/],
      [['export', '--url', page, '--out', work], /^\S+ cannot be written: it is a folder/],
      [
        ['export', '--url', page, '--out', join(work, 'no/x')],
        /cannot be written: it, or its folder, is not there/,
      ],
      [['export', 'abc'], /^"abc" is not a trace id/],
      [['export', TRACE_ID, '--url', page], /No span or log record of 0af7/],
      [
        ['export', '--url', 'http://localhost:9'],
        /^No trace explorer answers at http:\/\/localhost:9\. Trace a command with /,
      ],
    ];
    for (const [args, stderr] of cases) {
      const ended = await start(process.execPath, args).ended;
      t.equal(ended.code, 1, args.join(' '));
      t.match(ended.stderr, stderr);
    }
  });

if (IS_NIGHT)
  t.test("without --data-dir, data is in the platform's folder for it", async (t) => {
    const env = { XDG_DATA_HOME: join(work, 'xdg') };
    const explorer = start(process.execPath, ['--port', '0', '--otlp-port', '0', '--grpc-port', 'off'], env);
    const folder = await until(() => /^ +Data +(.+)$/m.exec(explorer.output())?.[1], {
      what: explorer.output,
      limitMs: 60_000,
    });
    explorer.child.kill('SIGTERM');
    t.equal((await explorer.ended).code, 0);
    if (process.platform === 'linux') t.match(folder, join(work, 'xdg/tandem-trace-explorer'));
  });

const APP_NODES = [...NODES, '26.10.0'];
const APPS = [
  ['node', 'app.mjs'],
  ['node', 'app.cjs'],
  ['tsx', 'app.mts'],
] as const;

atNight(t).test(
  'run: an app without tracing has one trace with its driver, and its folder stays as it was',
  async (t) => {
    const folder = join(work, 'app');
    await npmInstall(folder, ['fastify@5.12.8', 'ioredis@6.0.0', 'tsx@4']);
    const tellPatching = join(work, 'tell-patching.cjs');
    await writeFile(tellPatching, TELL_PATCHING);
    for (const file of ['app.mjs', 'app.cjs'])
      await cp(join(ROOT, 'test', 'plain', file), join(folder, file));
    await cp(join(folder, 'app.mjs'), join(folder, 'app.mts'));
    await writeFile(join(folder, '.gitignore'), 'node_modules\n');
    const git = async (...args: string[]) =>
      (await promisify(execFile)('git', ['-C', folder, ...args])).stdout;
    await git('init', '--quiet');
    await git('add', '.');
    const before = await git('status', '--porcelain');
    const redis = await startRedisServer();
    t.teardown(() => redis.close());
    for (const version of APP_NODES)
      for (const [command, file] of APPS) {
        const node = await nodeBinary(version);
        const PATH = [dirname(node), join(folder, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
        const data = join(work, `run-${version}-${file}`);
        const options = ['--port', '0', '--otlp-port', '0', '--data-dir', data];
        const env = { PATH, REDIS_PORT: String(redis.port), NODE_OPTIONS: `--require=${tellPatching}` };
        const run = start(process.execPath, ['run', ...options, '--', command, file], env, 'ignore', folder);
        t.teardown(() => run.child.kill('SIGTERM')); // which the app gets, too
        const url = await until(() => /^http:\S+/m.exec(run.output())?.[0], {
          what: run.output,
          limitMs: 60_000,
        });
        t.equal(await (await fetch(`${url}/visits`)).text(), 'many');
        run.child.kill('SIGTERM');
        const { code, stdout, stderr } = await run.ended;
        t.equal(code, 0, stderr);
        t.equal(stdout, `${url}\n`, 'the output of the command only');
        t.match(
          stderr,
          /^Tracing .* Page: http:\/\/localhost:\d+\n.*1 request[\s\S]*\nShow this run: (?:npx --no -- trace-explorer|node \S+) --open\n$/,
        );
        const explorer = await startExplorer(t, node, data);
        const exported = await start(node, ['export', '--url', explorer.page]).ended;
        const [trace = '', ...more] = exported.stdout.trim().split('\n');
        t.same(more, []);
        const names = JSON.parse(trace).resourceSpans.flatMap(({ scopeSpans }: OtlpSpans) =>
          scopeSpans.flatMap(({ spans }) => spans.map(({ kind, name }) => `${kind} ${name}`)),
        );
        t.same(
          names.toSorted(),
          ['2 GET /visits', `3 GET 127.0.0.1:${redis.port}`, `3 SET 127.0.0.1:${redis.port}`],
          `${version} ${file}`,
        );
      }
    t.equal(await git('status', '--porcelain'), before);
  },
);

const PROFILE = 'run --profile: the telemetry of the package says what ran';
if (IS_NIGHT)
  t.test(PROFILE, async (t) => {
    const folder = await mkdtemp(join(work, 'profiled-'));
    const data = join(folder, 'data');
    await writeFile(
      join(folder, 'app.mjs'),
      `import { createServer } from 'node:http';
    function burn() { for (const end = performance.now() + 400; performance.now() < end; ); }
    const server = createServer((_, response) => { burn(); response.end(); }).listen(0, '127.0.0.1', async () => {
      await (await fetch('http://127.0.0.1:' + server.address().port)).text();
      server.close();
    });`,
    );
    const options = ['--port', '0', '--otlp-port', '0', '--data-dir', data, '--profile'];
    const run = start(
      process.execPath,
      ['run', ...options, process.execPath, 'app.mjs'],
      {},
      'ignore',
      folder,
    );
    const { code, stderr } = await run.ended;
    t.equal(code, 0, stderr);
    const explorer = await startExplorer(t, process.execPath, data);
    const exported = await start(process.execPath, ['export', '--url', explorer.page]).ended;
    t.match(exported.stdout, /tandem\.own_time.{1,200}burn \(app\.mjs:2\)/);
  });
