import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { randomId } from '@tandem/otlp/testing';
import type { Test } from 'tap';
import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { until } from '../../../../../../test/helpers/until.ts';
import { withUnpacked } from '../../../../src/core/command/files/run-file.ts';
import { holderOf } from '../../../../src/core/saved-trace/saved-trace.ts';
import { runCli } from '../../../core/command/run-cli.ts';
import { temporaryExplorer } from '../../../explorer.ts';

// At night too: with each signal that ends an export.

const MAIN = fileURLToPath(import.meta.resolve('../../../../start.js'));

const folder = mkdtempSync(join(tmpdir(), 'trace-explorer-files-'));
t.teardown(() => rmSync(folder, { recursive: true }));

const { app } = await temporaryExplorer(t);
const URL_OF_EXPLORER = await app.listen({ host: '127.0.0.1', port: 0 });

/** What standard error has where a slow machine takes over ten seconds. */
const PROGRESS = /^(?:\S+ \d+ (?:trace|span)s? so far\n)*$/;

/** Runs the command on the explorer that runs, or on what the arguments name. */
function run(command: 'import' | 'export', ...args: readonly string[]) {
  return runCli(command, [...args, ...whereOf(args)]);
}

/** The same in a process of its own. */
function start(...args: readonly string[]) {
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const child = spawn(process.execPath, [MAIN, ...args, ...whereOf(args)], { stdio: [...stdio] });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, ended, said: text(child.stderr) };
}

function whereOf(args: readonly string[]): string[] {
  return args.includes('--url') ? [] : ['--url', URL_OF_EXPLORER];
}

/** Random bytes that begin like no text: `{` or `[` would be JSON with a mistake. */
function noText(length: number): Buffer {
  return Buffer.concat([Buffer.of(0xff), randomBytes(length)]);
}

t.test('import refuses a file without OTLP', async (t) => {
  const file = join(folder, 'jaeger.json');
  writeFileSync(file, '{"data":[{"traceID":"0af7651916cd43dd8448eb211c80319c"}]}');
  const { code, error } = await run('import', file);
  t.equal(code, 1);
  t.match(error, /jaeger\.json: it has no spans or log records\. OTLP JSON has resourceSpans/);
});

/** Imports a file of this content. */
function importContent(name: string, content: string | Buffer) {
  const file = join(folder, name);
  writeFileSync(file, content);
  return run('import', file);
}

/** A document with one span; `id` writes its ids. */
function oneSpan(id = (hex: string) => hex): object {
  const span = { traceId: id(randomId(16)), spanId: id(randomId(8)), name: 'one', startTimeUnixNano: '1' };
  return { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
}

t.test(
  'import takes a file with a byte order mark, and files of Tempo, Jaeger, Zipkin and Java',
  async (t) => {
    const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');
    const { resourceSpans } = oneSpan(base64) as { resourceSpans: object[] };
    for (const [name, content] of Object.entries({
      mark: `\ufeff${JSON.stringify(oneSpan())}`,
      'marked-lines': `\ufeff${JSON.stringify(oneSpan())}\n`,
      tempo: JSON.stringify({ trace: oneSpan(base64), metrics: {} }),
      'old-tempo': JSON.stringify({ batches: resourceSpans }),
      'tempo-with-mark': `\ufeff${JSON.stringify({ trace: oneSpan(base64) }, null, 2)}`,
      'base64-ids': JSON.stringify(oneSpan(base64)),
      jaeger: [oneSpan(), oneSpan()].map((result) => JSON.stringify({ result })).join('\n'),
      list: JSON.stringify([oneSpan()]),
      'resource-spans': JSON.stringify({
        resource: {},
        ...(oneSpan() as { resourceSpans: object[] }).resourceSpans[0],
      }),
      'jaeger-page': JSON.stringify(
        { data: [{ traceID: '1a', spans: [{ traceID: '1a', spanID: '1', startTime: 1e15 }] }] },
        null,
        2,
      ),
      zipkin: JSON.stringify([{ traceId: '2a', id: '1', timestamp: 1e15 }]),
      'java-logger': `Nov 28, 2026 1:02:03 PM io.opentelemetry.exporter export\nINFO: ${JSON.stringify(
        (oneSpan() as { resourceSpans: object[] }).resourceSpans[0],
      )}\n`,
    })) {
      const { out, code, error } = await importContent(`${name}.json`, content);
      t.equal(code, 0, error);
      t.match(out, name === 'jaeger' ? ': 2 spans\n' : ': 1 span\n', name);
    }
  },
);

t.test('a file that nothing is taken of ends with code 1 and what to do', async (t) => {
  const wrong = { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }, { name: 'b' }] }] }] };
  const lines = Array.from({ length: 5 }, () => JSON.stringify(oneSpan()));
  for (const [name, content, reason] of [
    [
      'rejected',
      JSON.stringify(wrong),
      /rejected\.json: nothing of it is stored, 2 rejected \(.*trace_id has 0 bytes/u,
    ],
    ['empty', '', /empty\.json: it is empty\./u],
    ['blank', ' \n', /blank\.json: it is empty\./u],
    ['hello', '{"hello":1}', /hello\.json: it has no spans or log records\. OTLP JSON has resourceSpans/u],
    ['brackets', '[12:00:01] started', /brackets\.json: it has no spans or log records\./u],
    [
      'stdouttrace',
      '[{"Name":"a","SpanContext":{},"StartTime":""}]',
      /stdouttrace\.json: it has spans as Go’s/u,
    ],
    [
      'pretty',
      '{\n\t"Name": "a",\n\t"SpanContext": {},\n\t"StartTime": ""\n}\n{\n}\n',
      /it has spans as Go’s/u,
    ],
    [
      'python',
      '{\n    "name": "a",\n    "context": {},\n    "start_time": ""\n}\n',
      /as an SDK prints them/u,
    ],
    ['sdk', '[{"_spanContext":{},"startTime":[1,2]}]', /as an SDK prints them/u],
    ['node', "{\n  resource: {\n    attributes: {}\n  },\n  traceId: 'a'\n}\n", /as an SDK prints them/u],
    ['random', noText(300_000), /random\.json: it has no spans or log records\./u],
    ['packed-nothing', gzipSync(''), /packed-nothing\.json: it is empty\./u],
    ['packed-random', gzipSync(noText(5_000)), /it has no spans or log records\./u],
    [
      'damaged',
      Array.from({ length: 5 }, () => JSON.stringify(oneSpan()))
        .map((line, at) => (at === 3 ? line.replace('"traceId":"', '"traceId":') : line))
        .join('\n'),
      /The store has the part before it: 3 spans\.$/mu,
    ],
    ['honeycomb', '[{"time":"","data":{"name":"a"}}]', /honeycomb\.json: it has events of Honeycomb/u],
    ['nothing', '[]', /nothing\.json: it has no spans or log records\./u],
    [
      'cut',
      gzipSync(JSON.stringify(oneSpan())).subarray(0, 30),
      /cut\.json cannot be read: unexpected end of file/u,
    ],
    ['packed', zstdCompressSync(JSON.stringify(oneSpan())), /packed\.json: zstd has compressed it\. Unpack/u],
    [
      'wide',
      Buffer.from(`\ufeff${lines[0]}`, 'utf16le'),
      /wide\.json: its text is UTF-16\. Save it as UTF-8/u,
    ],
    [
      'cut',
      [...lines, '{"resourceSpans":[{"scope'].join('\n'),
      /The store has the part before it: 5 spans\.$/mu,
    ],
  ] as const) {
    const { code, error } = await importContent(`${name}.json`, content);
    t.equal(code, 1, name);
    t.match(error, reason);
  }
});

t.test('what is no file of traces or of a run is told so without an explorer', async (t) => {
  const nobody = ['--url', 'http://127.0.0.1:1'];
  for (const [name, content] of [
    ['bytes', noText(3_000)],
    ['nothing', ''],
    ['packed', gzipSync('')],
  ] as const) {
    const file = join(folder, name);
    writeFileSync(file, content);
    for (const args of [
      ['import', file],
      ['compare', file, file],
      ['report', file],
    ]) {
      const { code, error } = await runCli(args[0] ?? '', [...args.slice(1), ...nobody]);
      t.not(code, 0, args.join(' '));
      t.notMatch(error, /No trace explorer/, args.join(' '));
      t.match(error, name);
    }
  }
});

t.test('a compressed file is unpacked up to a bound', async (t) => {
  const file = join(folder, 'large.gz');
  writeFileSync(file, gzipSync(Buffer.alloc(2 ** 21)));
  await t.rejects(
    withUnpacked(file, async () => t.fail(), 2 ** 20),
    {
      message: /large\.gz: unpacked, it has more than 1 MiB/,
    },
  );
  t.equal(await withUnpacked(file, async (path) => statSync(path).size, 2 ** 21), 2 ** 21);
});

t.test('a damaged saved page is refused in words of its own', async (t) => {
  for (const [name, packed] of Object.entries({
    base64: 'a',
    gzip: btoa('no gzip at all'),
    json: gzipSync('{"spans":').toString('base64'),
    content: gzipSync('{"trace":1}').toString('base64'),
  })) {
    const { code, error } = await importContent(`${name}.html`, holderOf(packed));
    t.equal(code, 1, name);
    t.match(
      error,
      `${name}.html: its trace is damaged. Save the page again, or import the trace as OTLP JSON`,
    );
  }
});

t.test('words of a file that is imported cannot steer the terminal', async (t) => {
  const id = '00f067aa0ba902b7';
  const sequence = '\u001b[2J\u009b';
  const bodies = {
    'not-json': `{"resourceSpans": ${sequence}`,
    'bad-name': JSON.stringify({
      resourceSpans: [
        { scopeSpans: [{ spans: [{ traceId: `${sequence}x`, spanId: id, [sequence]: sequence }] }] },
      ],
    }),
    'bad-time': JSON.stringify({
      resourceSpans: [
        {
          scopeSpans: [
            { spans: [{ traceId: id + id, spanId: id, startTimeUnixNano: sequence, kind: sequence }] },
          ],
        },
      ],
    }),
  };
  for (const [name, body] of Object.entries(bodies)) {
    const file = join(folder, `${name}${sequence}.json`);
    writeFileSync(file, body);
    const { out, error } = await run('import', file);
    t.match(out + error, name);
    t.notMatch(out + error, /(?!\n)\p{Cc}/u, name);
  }
});

/** Writes spans into a file, and imports it. */
async function importSpans(
  t: Test,
  file: string,
  spans: readonly object[],
  ...where: readonly string[]
): Promise<void> {
  writeFileSync(file, JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
  const { code, error } = await run('import', file, ...where);
  t.equal(code, 0, error);
}

t.test('export of many traces writes them all, and says nothing but how many', async (t) => {
  const { app: other } = await temporaryExplorer(t);
  const where = ['--url', await other.listen({ host: '127.0.0.1', port: 0 })];
  const file = join(folder, 'many.json');
  const spans = Array.from({ length: 30 }, (_, index) => ({
    traceId: (index + 100).toString(16).padStart(32, '0'),
    spanId: '00f067aa0ba902b7',
    name: 'GET /',
    startTimeUnixNano: `${Date.now()}000000`,
    endTimeUnixNano: `${Date.now()}000001`,
  }));
  await importSpans(t, file, spans, ...where);
  const out = join(folder, 'many.jsonl');
  const exported = await run('export', '--out', out, ...where);
  t.match(exported, { code: 0, out: `${out}: 30 traces\n`, error: PROGRESS });
  t.equal(readFileSync(out, 'utf8').trim().split('\n').length, 30);
});

t.test('export ends in silence when its reader has seen enough', async (t) => {
  const file = join(folder, 'traces.json');
  const spans = Array.from({ length: 8 }, (_, index) => ({
    traceId: (index + 1).toString(16).padStart(32, '0'),
    spanId: '00f067aa0ba902b7',
    name: 'x'.repeat(100_000), // more than a pipe holds
    startTimeUnixNano: `${Date.now()}000000`,
    endTimeUnixNano: `${Date.now()}000001`,
  }));
  await importSpans(t, file, spans);

  const { child, ended, said } = start('export');
  child.stdout.once('data', () => child.stdout.destroy());
  t.equal(await ended, 0);
  t.match(await said, PROGRESS);
});

t.test('a file that cannot be written to the end is named', async (t) => {
  const { code, error } = await run('export', '--out', '/dev/full');
  t.equal(code, 1);
  const lines = error.split(/(?<=\n)/);
  t.equal(lines.pop(), '/dev/full cannot be written: the disk is full.\n');
  t.match(lines.join(''), PROGRESS);
});

/** A document of spans, each of a trace of its own. */
function documentOf(names: readonly string[]): object {
  const spans = names.map((name) => ({
    traceId: randomId(16),
    spanId: randomId(8),
    name,
    startTimeUnixNano: `${Date.now()}000000`,
  }));
  return { resourceSpans: [{ scopeSpans: [{ spans }] }] };
}

t.test('import takes every document of a file, however long its lines are', async (t) => {
  const large = documentOf(Array.from({ length: 30 }, () => 'x'.repeat(50_000)));
  const odd = () => documentOf(['a\u2028b\u2029c\u0085d', '} {', '}\n{']);
  const documents = [JSON.stringify(large), JSON.stringify(odd()), '', JSON.stringify(odd(), null, 2)];
  for (const [name, end] of [
    ['unix.jsonl', '\n'],
    ['windows.jsonl', '\r\n'],
  ]) {
    const file = join(folder, name ?? '');
    writeFileSync(file, documents.join(end));
    const { code, out, error } = await run('import', file);
    t.equal(code, 0, error);
    t.match(out, name === 'unix.jsonl' ? ': 36 spans\n' : ': 0 spans, 36 already stored');
  }
});

t.test('an export goes in again, and nothing is said on the way', async (t) => {
  const file = join(folder, 'exported.jsonl');
  const exported = await run('export', '--out', file);
  const [, traces] = /exported\.jsonl: (\d+) traces/.exec(exported.out) ?? [];
  t.ok(Number(traces) >= 44, 'all that the tests before have imported');
  t.match(exported, { code: 0, error: PROGRESS });
  const imported = await run('import', file);
  t.match(imported.out, `: 0 spans, ${traces} already stored`);
  t.equal(imported.code, 0, imported.error);
});

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What an explorer is known by. */
const STATUS = '{"max_bytes":1}';

/** What answers as an explorer does, with three traces: one that was deleted meanwhile, one that is there, and one of which only the beginning comes. */
function startFake(t: Test): Promise<string> {
  const ids = ['1', '2', '3'].map((digit) => digit.repeat(32));
  const server = createServer(({ url = '' }, response) => {
    const json = (body: object) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    if (url === '/api/status') return void json({ max_bytes: 1 });
    if (url.startsWith('/api/traces?')) {
      const asked = url.includes('cursor') ? ids.slice(2) : ids.slice(0, 2);
      return void json({
        traces: asked.map((trace_id) => ({ trace_id })),
        ...(asked.length > 1 && { next: 'x' }),
      });
    }
    if (url.includes(ids[1] ?? '')) return void response.end('{"resourceSpans":[]}\n');
    if (!url.includes(ids[2] ?? '')) return void response.writeHead(404).end('{"title":"No such trace"}');
    response.write('{"resourceSpans":[');
    setImmediate(() => response.destroy());
  });
  t.teardown(() => server.close());
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(urlOf(server)));
  });
}

t.test(
  'export goes on past a trace that was deleted meanwhile, and says when an answer ends early',
  async (t) => {
    const url = await startFake(t);
    const { code, out, error } = await run('export', '--url', url);
    t.match(out, /^\{"resourceSpans":\[\]\}\n/);
    t.equal(code, 1);
    t.match(error, /\/api\/export\?trace_id=3{32}: the answer ended early\. Export again\./);
    t.notMatch(error, 'No such trace');

    const one = await run('export', '1'.repeat(32), '--url', url);
    t.match(one, { code: 1, error: 'No such trace' }, 'of a trace that was named it is an error');
  },
);

t.test('many small documents are sent together, and a large one by itself', async (t) => {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    if (request.url === '/api/status') return void response.end(STATUS);
    bodies.push(await text(request));
    const answer = { spans: 1, logs: 0, known: 0, rejected: 0, rejected_reason: '', trace_ids: [] };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  t.teardown(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const file = join(folder, 'lines.jsonl');
  const small = Array.from({ length: 789 }, (_, index) => documentOf([`span "${index}" } {`]));
  const large = documentOf(['x'.repeat(5 * 1024 * 1024)]);
  const all = [...small.slice(0, 700), {}, large, ...small.slice(700)];
  writeFileSync(file, all.map((document) => JSON.stringify(document)).join('\n'));
  const { code, error } = await run('import', file, '--url', urlOf(server));
  t.equal(code, 0, error);
  t.equal(bodies.length, 3);
  const spans = bodies.flatMap((body) => body.match(/"spanId"/g) ?? []);
  t.equal(spans.length, 790);
  t.same(JSON.parse(bodies[1] ?? ''), large);
});

/** What answers as an explorer with one trace, which never ends. */
async function startEndless(t: Test) {
  const server = createServer(({ url = '' }, response) => {
    if (url === '/api/status') response.end(STATUS);
    else if (url.startsWith('/api/traces?'))
      response.end(JSON.stringify({ traces: [{ trace_id: '1'.repeat(32) }] }));
    else response.write('{"resourceSpans":[');
  });
  t.teardown(() => server.close());
  t.teardown(() => server.closeAllConnections());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return urlOf(server);
}

const SIGNALS = IS_NIGHT ? (['SIGINT', 'SIGTERM', 'SIGHUP'] as const) : (['SIGTERM'] as const);

t.test('an export that is ended leaves the file as it was, and nothing else', async (t) => {
  const url = await startEndless(t);
  for (const signal of SIGNALS)
    for (const [name, option] of [
      ['out.jsonl', '--out'],
      ['out.parquet', undefined],
    ] as const) {
      const here = t.testdir({ [name]: 'as it was', tmp: {} });
      const args = [...(option ? [option] : []), join(here, name), '--url', url];
      const env = { ...process.env, TMPDIR: join(here, 'tmp') };
      const child = spawn(process.execPath, [MAIN, 'export', ...args], { env });
      const ended = once(child, 'close');
      await until(() => readdirSync(here).some((each) => each.endsWith('.part')));
      if (name === 'out.parquet') await until(() => readdirSync(join(here, 'tmp')).length > 0);
      child.kill(signal);
      t.equal((await ended)[1], signal);
      t.same(readdirSync(here).toSorted(), [name, 'tmp'], `${name} ${signal}`);
      t.same(readdirSync(join(here, 'tmp')), []);
      t.equal(readFileSync(join(here, name), 'utf8'), 'as it was');
    }
});

t.test('an export to Parquet that is ended while DuckDB writes leaves nothing beside the file', async (t) => {
  const spans = Array.from({ length: 20_000 }, () => ({
    traceId: 'a'.repeat(32),
    spanId: randomId(8),
    name: randomId(16) + randomId(16),
  }));
  const trace = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
  const server = createServer(({ url = '' }, response) => {
    if (url === '/api/status') response.end(STATUS);
    else if (url.startsWith('/api/traces?'))
      response.end(JSON.stringify({ traces: [{ trace_id: 'a'.repeat(32) }] }));
    else response.end(url.startsWith('/api/logs') ? '' : trace);
  });
  t.teardown(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  for (const signal of SIGNALS) {
    const here = t.testdir({});
    const args = [MAIN, 'export', join(here, 'out.parquet'), '--url', urlOf(server)];
    const child = spawn(process.execPath, args);
    const ended = once(child, 'close');
    const isWriting = (name: string) =>
      name.startsWith('tmp_') || (statSync(join(here, name), { throwIfNoEntry: false })?.size ?? 0) > 0;
    await until(() => readdirSync(here).some(isWriting));
    child.kill(signal);
    await ended;
    // On a fast machine the file is whole already.
    t.same(
      readdirSync(here).filter((name) => name !== 'out.parquet'),
      [],
      signal,
    );
  }
});

t.test(
  'an export through a link replaces what the link leads to, with its rights, and the link stays',
  async (t) => {
    for (const name of ['out.jsonl', 'out.parquet']) {
      const here = t.testdir({ real: { [name]: 'old' }, [name]: t.fixture('symlink', join('real', name)) });
      chmodSync(join(here, 'real', name), 0o640);
      const failed = start('export', '--out', join(here, name), 'f'.repeat(32));
      failed.child.stdout.resume();
      t.equal(await failed.ended, 1);
      t.equal(readFileSync(join(here, name), 'utf8'), 'old', 'an export that fails empties nothing');
      const { child, ended, said } = start('export', '--out', join(here, name));
      child.stdout.resume();
      t.equal(await ended, 0, await said);
      t.ok(lstatSync(join(here, name)).isSymbolicLink());
      t.ok(statSync(join(here, name)).size > 100);
      t.equal(statSync(join(here, name)).mode & 0o777, 0o640);
      t.same(readdirSync(join(here, 'real')), [name]);
    }
  },
);

t.test('an export to standard output has nothing that a terminal executes or hides', async (t) => {
  const name = 'a\u009b2J\u202eb\u061c\u200b\ufeff';
  const file = join(folder, 'unseen.json');
  const traceId = 'abcdef0123456789abcdef0123456789';
  const time = `${Date.now()}000000`;
  await importSpans(t, file, [
    { traceId, spanId: '00f067aa0ba902b7', name, startTimeUnixNano: time, endTimeUnixNano: time },
  ]);
  const { code, out } = await run('export', traceId);
  t.equal(code, 0);
  t.match(out, /^[\x20-\x7e]+\n$/);
  t.match(JSON.parse(out), { resourceSpans: [{ scopeSpans: [{ spans: [{ name }] }] }] });
});

t.test('what takes over ten seconds says how far it is in a log', async (t) => {
  let go = (): void => {};
  const isSeen = new Promise<void>((resolve) => (go = resolve));
  const server = createServer(async (request, response) => {
    request.resume();
    if (request.url === '/api/status') return void response.end(STATUS);
    await isSeen;
    response.setHeader('content-type', 'application/json');
    if (request.url === '/api/import') response.end('{"spans":1,"logs":0,"known":0,"rejected":0}');
    else response.end('{"traces":[],"services":[],"specification":{}}');
  });
  t.teardown(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const file = join(folder, 'one.json');
  writeFileSync(file, JSON.stringify(documentOf(['a'])));
  const commands = [['import', file], ['export', '--out', join(folder, 'none.jsonl')], ['verify']];
  const started = commands.map((args) => start(...args, '--url', urlOf(server)));
  const firstLines = started.map(async ({ child }) => {
    child.stdout.resume();
    const [chunk] = await once(child.stderr, 'data');
    return String(chunk);
  });
  const lines = await Promise.all(firstLines);
  go();
  t.equal(lines[0], `${file}: 0 spans so far\n`);
  t.equal(lines[1], `${join(folder, 'none.jsonl')}: 0 traces so far\n`);
  t.equal(lines[2], 'verify: the explorer reads what came\n');
  await Promise.all(started.map(({ ended }) => ended));
});
