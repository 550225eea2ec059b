import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { atNight, IS_NIGHT } from '../../../../../test/helpers/nightly.ts';
import { freePort } from '../../../../../test/helpers/processes.ts';
import { until } from '../../../../../test/helpers/until.ts';
import { readAddress } from '../../../src/parts/pull/clickhouse/address.ts';
import { Engine } from '../../../src/parts/pull/clickhouse/engine.ts';
import { findTables } from '../../../src/parts/pull/clickhouse/tables.ts';
import { pullTraces } from '../../../src/parts/pull/command/pull-traces.ts';
import { runCli, startCli } from '../../core/command/run-cli.ts';
import { temporaryDirectory } from '../../spans.ts';
import type { Own } from './recorded-engine.ts';
import { compact, isFigures, recordedEngine, spanRow, TRACE, usual } from './recorded-engine.ts';

// At night too: with an answer of 10 million rows, and with each wrong cell at each place.

if (IS_NIGHT) t.setTimeout(1_200_000);

type Test = Parameters<typeof recordedEngine>[0];
type Attribute = { readonly key: string; readonly value: object };
type ScopeSpans = { readonly scopeSpans: readonly { readonly spans: readonly object[] }[] };

/** Pulls from an engine that answers as told. */
async function pull(t: Test, own: Own, ...args: readonly string[]) {
  const { address, asked } = await recordedEngine(t, own);
  const file = join(temporaryDirectory(t), 'pull.gz');
  const { code, out, error } = await runCli('pull', [address, '--save', file, ...args]);
  return { code, said: out + error, asked, file };
}

/** The documents of a file. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it expects of a document
function documents(file: string): any[] {
  return gunzipSync(readFileSync(file))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** What a file says that the engine counted. */
function countedIn(record: ReturnType<typeof documents>[number]) {
  return JSON.parse(record.resourceLogs[0].scopeLogs[0].logRecords[0].body.stringValue);
}

/** The beginning of an answer whose end has not come. */
function begunWith(...rows: readonly unknown[][]): string {
  const whole = compact(rows);
  return whole.slice(0, whole.indexOf('\n\t],\n\n\t"rows"') + 1);
}

const isSpans = (sql: string) => sql.startsWith('SELECT toString(cityHash64(TraceId)), TraceId, SpanId');
const exception = (code: number, words: string) =>
  `Code: ${code}. DB::Exception: ${words}. (NAME) (version 25.8.1.1)\n`;

const refusing =
  (code: number, words: string): Own =>
  ({ response }) => {
    response.statusCode = 500;
    return exception(code, words);
  };

t.test('a whole answer is a run file, with what the engine counted', async (t) => {
  const { code, said, file } = await pull(t, () => undefined, '--name', 'prod');
  t.equal(code, 0, said);
  const [facts, record, trace] = documents(file);
  const attributes = new Map(
    facts.resourceSpans[0].resource.attributes.map(({ key, value }: Attribute) => [
      key,
      Object.values(value)[0],
    ]),
  );
  t.equal(attributes.get('vcs.ref.head.revision'), 'prod');
  t.equal(attributes.get('tandem.run.traces'), '1');
  t.match(countedIn(record), {
    traces: 1,
    pulled: 1,
    routes: [{ requests: 1 }],
  });
  t.equal(trace.resourceSpans[0].scopeSpans[0].spans[0].traceId, TRACE);
});

t.test('settings go along where the user may set them, and none where one is refused', async (t) => {
  const may = await pull(t, () => undefined);
  t.equal(may.asked.at(-1)?.query.get('readonly'), '2');
  const fixed: Own = ({ sql, query, response }) => {
    if (!query.has('readonly')) return undefined;
    response.statusCode = 500;
    return exception(164, `Cannot modify setting in readonly mode ${sql.length}`);
  };
  const { code, said, asked } = await pull(t, fixed);
  t.equal(code, 0, said);
  t.notOk(asked.at(-1)?.query.has('readonly'));
  t.match(said, /takes no settings/);
});

t.test('user, password and headers are headers, and stand in no message and no file', async (t) => {
  const secrets = {
    CLICKHOUSE_USER: 'reader7',
    CLICKHOUSE_PASSWORD: 'pass-word-9',
    CLICKHOUSE_HEADERS: 'x-door=key%208',
  };
  Object.assign(process.env, secrets);
  t.teardown(() => {
    for (const name of Object.keys(secrets)) delete process.env[name];
  });
  const good = await pull(t, () => undefined);
  t.match(good.asked[0]?.headers, {
    'x-clickhouse-user': 'reader7',
    'x-clickhouse-key': 'pass-word-9',
    'x-door': 'key 8',
  });
  t.notMatch(gunzipSync(readFileSync(good.file)).toString() + good.said, /reader7|pass-word-9|key 8/);
  for (const [status, code] of [
    [401, 516],
    [403, 497],
    [500, 158],
  ] as const) {
    const bad = await pull(t, ({ response }) => {
      response.statusCode = status;
      return exception(code, 'reader7: not with pass-word-9 and key 8');
    });
    t.equal(bad.code, 1);
    t.notMatch(bad.said, /reader7|pass-word-9|key 8/, bad.said);
  }
});

t.test('a password that leaves this machine without TLS is warned of before the pull', async (t) => {
  const password = { CLICKHOUSE_PASSWORD: 'pass-word-9' };
  for (const [address, env, isOpen] of [
    ['clickhouse+http://db.example:8123/otel', password, true],
    ['clickhouse+http://db.example:8123/otel', { CLICKHOUSE_HEADERS: 'x-door=8' }, true],
    ['clickhouse+http://db.example:8123/otel', {}, false],
    ['clickhouse+https://db.example:8443/otel', password, false],
    ['clickhouse+http://localhost:8123/otel', password, false],
    ['clickhouse+http://[::1]:8123/otel', password, false],
  ] as const)
    t.equal(readAddress(address, env).open.length > 0, isOpen, address);
  Object.assign(process.env, password);
  t.teardown(() => delete process.env.CLICKHOUSE_PASSWORD);
  const { address } = await recordedEngine(t, ({ response }) => void response.destroy());
  const { error } = await runCli('pull', [address.replace('127.0.0.1', '0.0.0.0'), '--dry-run']);
  const [warning = '', failure = ''] = error.split('\n');
  t.match(warning, /clickhouse\+https/);
  t.match(failure, /does not answer/);
  t.notMatch(error, /pass-word-9/);
});

t.test('the warning names what is sent, and nothing else', async (t) => {
  const { address } = await recordedEngine(t, ({ response }) => void response.destroy());
  const all = {
    CLICKHOUSE_USER: 'reader7',
    CLICKHOUSE_PASSWORD: 'pass-word-9',
    CLICKHOUSE_HEADERS: 'x-door=8',
  };
  t.teardown(() => {
    for (const name of Object.keys(all)) delete process.env[name];
  });
  for (const [env, said] of [
    [{ CLICKHOUSE_USER: 'reader7' }, /^CLICKHOUSE_USER goes over the network/],
    [{ CLICKHOUSE_HEADERS: 'x-door=8' }, /^CLICKHOUSE_HEADERS goes over/],
    [all, /^CLICKHOUSE_USER, CLICKHOUSE_PASSWORD and CLICKHOUSE_HEADERS go over/],
  ] as const) {
    for (const name of Object.keys(all)) delete process.env[name];
    Object.assign(process.env, env);
    const { error } = await runCli('pull', [address.replace('127.0.0.1', '0.0.0.0'), '--dry-run']);
    t.match(error, said);
  }
});

t.test('a password is sent in UTF-8, and one that no header can have is in no message', (t) => {
  const address = 'clickhouse+http://localhost:8123/otel';
  const { headers } = readAddress(address, { CLICKHOUSE_PASSWORD: 'géheim' });
  t.equal(Buffer.from(headers['x-clickhouse-key'] ?? '', 'latin1').toString(), 'géheim');
  t.throws(() => readAddress(address, { CLICKHOUSE_PASSWORD: 'géh\neim' }), {
    message: /^(?!.*eim).*CLICKHOUSE_PASSWORD has a line break/,
  });
  t.end();
});

t.test('what an engine refuses has its reason, and nothing is written', async (t) => {
  for (const [what, own, said] of [
    ['refused user', ({ response }) => void Object.assign(response, { statusCode: 401 }), /CLICKHOUSE_USER/],
    ['too many rows', refusing(158, 'Limit for rows exceeded'), /158: Limit.*shorter range/],
    [
      'redirect',
      ({ response }) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      /sends on/,
    ],
    ['connection cut', ({ response }) => void response.destroy(), /does not answer/],
    ['not ClickHouse', () => '<html></html>', /not ClickHouse/],
    [
      'SigNoz',
      ({ sql }) =>
        sql.includes('system.tables')
          ? compact([['distributed_signoz_index_v3', 'Distributed', '', '']])
          : undefined,
      /SigNoz/,
    ],
    [
      'Jaeger',
      ({ sql }) =>
        sql.includes('system.tables') ? compact([['jaeger_spans', 'MergeTree', '', '']]) : undefined,
      /Jaeger/,
    ],
    ['no traces', ({ sql }) => (isFigures(sql) ? compact([]) : undefined), /No trace begins/],
  ] as const satisfies readonly (readonly [string, Own, RegExp])[]) {
    const { code, said: words, file } = await pull(t, own);
    t.equal(code, 1, what);
    t.match(words, said, what);
    t.throws(() => readFileSync(file), what);
  }
});

/** What a row may have in place of a number, as JSON. */
const WRONG_CELLS = [
  ...['"1e999"', '1e999', '"-5"', '0.25', '"x"', '""', 'true', '{}', '[]', '[1]', '{"toString":null}'],
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
];
const withCell = (row: readonly unknown[], cell: string) => compact([row]).replace('"CELL"', cell);

t.test('a row that is not as its statement asks is a sentence, whatever stands in it', async (t) => {
  const isClasses = (sql: string) => sql.includes('SELECT kind, toString(key)');
  const isChosen = (sql: string) => sql.startsWith('SELECT trace, ');
  // Each cell once, and each place with some.
  for (const [at, [what, isAsked, row]] of (
    [
      ['requests', isFigures, ['shop', 'GET /', '7', 'CELL', 0, [1, 1, 1], 1, 1, 1]],
      ['traces', isFigures, ['shop', 'GET /', '7', 1, 0, [1, 1, 1], 'CELL', 1, 1]],
      ['traces of a class', isClasses, [2, '8', 'CELL']],
      ['kind', isClasses, ['CELL', '8', 1]],
      ['rate', isChosen, [1, TRACE, 2, 'CELL']],
    ] as const
  ).entries())
    for (const cell of at === 0 || IS_NIGHT ? WRONG_CELLS : WRONG_CELLS.filter((_, i) => i % 5 === at)) {
      const { code, said, file } = await pull(t, ({ sql }) =>
        isAsked(sql) ? withCell(row, cell) : undefined,
      );
      const shown = `${what} ${cell.slice(0, 40)}`;
      t.equal(code, 1, shown);
      t.match(said, /a whole number was expected/, shown);
      t.notMatch(said, /\n {4}at /, shown);
      t.throws(() => readFileSync(file), shown);
    }
  for (const [isAsked, row, kind] of [
    [isFigures, ['shop', 'GET /', '7', 1, 0, ['CELL', 1, 1], 1, 1, 1], 'number'],
    [isFigures, ['shop', 'CELL', '7', 1, 0, [1, 1, 1], 1, 1, 1], 'text'],
    [(sql: string) => sql.includes('system.tables'), ['CELL', 'MergeTree', '', ''], 'text'],
    [(sql: string) => sql.includes('system.columns'), ['otel_traces', 'CELL', ''], 'text'],
    [(sql: string) => sql.includes('system.settings'), ['CELL'], 'text'],
    [(sql: string) => sql.startsWith('SELECT DISTINCT'), ['CELL'], 'text'],
  ] as const)
    for (const cell of [
      '{"toString":null}',
      ...(IS_NIGHT ? ['{"a":1}', 'true', WRONG_CELLS.at(-1) ?? ''] : []),
    ]) {
      const { code, said } = await pull(t, ({ sql }) => (isAsked(sql) ? withCell(row, cell) : undefined));
      t.equal(code, 1);
      t.match(said, new RegExp(`a ${kind} was expected`), `${kind} ${cell.slice(0, 40)}`);
    }
});

t.test('a table that is named like the password is not told', async (t) => {
  process.env.CLICKHOUSE_PASSWORD = 'pass-word-9';
  t.teardown(() => delete process.env.CLICKHOUSE_PASSWORD);
  const { said } = await pull(t, ({ sql }) =>
    sql.includes('system.tables') ? compact([['pass-word-9', 'MergeTree', '', '']]) : undefined,
  );
  t.match(said, /no table otel_traces .* REDACTED/);
  t.notMatch(said, /pass-word-9/);
});

t.test('an answer of nothing but empty lines is not read for long', async (t) => {
  let sent = 0;
  const { code, said } = await pull(t, ({ response }) => {
    const lines = '\n'.repeat(2 ** 20);
    const write = () => {
      for (; !response.destroyed && sent < 1_000; sent++)
        if (!response.write(lines)) return void response.once('drain', write);
    };
    write();
    return null;
  });
  t.equal(code, 1);
  t.match(said, /not ClickHouse/);
  t.ok(sent < 1_000, `${sent} MiB`);
});

t.test('an address where no engine answers is told how to be mended', async (t) => {
  const closed = await freePort();
  const { address } = await recordedEngine(t, () => undefined);
  for (const [wrong, said] of [
    [address.replace('+http:', '+https:'), /clickhouse\+http:\/\//],
    [`clickhouse+http://127.0.0.1:${closed}/otel`, new RegExp(`at 127\\.0\\.0\\.1, port ${closed}, .*8123`)],
    [
      'clickhouse+http://127.0.0.1:6000/otel',
      /^(?!.*engine does not answer).*Port 6000 .*ssh -L 8123:localhost:6000/,
    ],
  ] as const) {
    const { code, out, error } = await runCli('pull', [wrong, '--dry-run']);
    t.equal(code, 1);
    t.match(out + error, said);
  }
});

t.test('a table with other columns is named with what it lacks', async (t) => {
  const { said } = await pull(t, ({ sql }) =>
    sql.includes('system.columns') ? compact([['otel_traces', 'TraceId', 'String']]) : undefined,
  );
  t.match(said, /otel\.otel_traces.*has no/);
});

t.test(
  'a Distributed table is taken before the local one, and asked in the words of its order',
  async (t) => {
    const { asked } = await pull(t, ({ sql }) => {
      if (sql.includes('system.tables'))
        return compact([
          [
            'otel_traces',
            'MergeTree',
            'MergeTree',
            'ServiceName, SpanName, toDateTime(Timestamp), Timestamp',
          ],
          ['otel_traces_all', 'Distributed', "Distributed('cluster', 'otel', 'otel_traces', rand())", ''],
        ]);
      return sql.includes('system.columns')
        ? usual(sql).replaceAll('"otel_traces"', '"otel_traces_all"')
        : undefined;
    });
    const sql = asked.find(({ sql }) => isSpans(sql))?.sql ?? '';
    t.match(sql, '`otel_traces_all`');
    t.match(sql, 'toDateTime(Timestamp) >= ');
  },
);

/** An engine with log records of the one trace, in a table of such an order. */
function withLogs(order: string): Own {
  const columns =
    'TraceId SpanId Timestamp SeverityText SeverityNumber Body ResourceAttributes LogAttributes ServiceName';
  const time = String(BigInt(Date.now() - 600_000) * 1_000_000n);
  return ({ sql }) => {
    if (sql.includes('system.tables'))
      return compact([
        ['otel_logs', 'MergeTree', 'MergeTree', order],
        ['otel_traces', 'MergeTree', 'MergeTree', 'toDateTime(Timestamp)'],
      ]);
    if (sql.includes("table = 'otel_logs'"))
      return compact(columns.split(' ').map((name) => ['otel_logs', name, 'String']));
    if (sql.startsWith('SELECT trace, ')) return compact([[1, TRACE, 2, '1']]);
    if (sql.includes('SELECT kind, toString(key)')) return compact([[2, '8', 40]]);
    if (sql.includes('SeverityText'))
      return compact([
        [
          TRACE,
          TRACE,
          'b'.repeat(16),
          time,
          'INFO',
          9,
          'said',
          {},
          { sampleRate: '3', 'http.response.status_code': '200' },
          'shop',
        ],
      ]);
    return undefined;
  };
}

t.test(
  'log records of chosen traces come with the weight of their trace, and one spelling of it',
  async (t) => {
    const { code, said, file } = await pull(t, withLogs('ServiceName, TimestampTime, Timestamp'));
    t.equal(code, 0, said);
    const { logRecords } = documents(file)[3].resourceLogs[0].scopeLogs[0];
    t.match(logRecords, [{ body: { stringValue: 'said' }, spanId: 'b'.repeat(16) }]);
    t.same(logRecords[0].attributes, [
      { key: 'http.response.status_code', value: { intValue: '200' } },
      { key: 'SampleRate', value: { intValue: '120' } },
    ]);
    t.match(said, /became numbers or booleans: http\.response\.status_code/);
  },
);

t.test('the range of log records is asked for in the words of their table’s order', async (t) => {
  for (const [order, words] of [
    ['ServiceName, TimestampTime, Timestamp', 'TimestampTime >= toDateTime('],
    [
      'toStartOfFiveMinutes(Timestamp), ServiceName, Timestamp',
      'toStartOfFiveMinutes(Timestamp) >= toStartOfFiveMinutes(',
    ],
  ] as const) {
    const { asked } = await pull(t, withLogs(order));
    const sql = asked.find(({ sql }) => sql.includes('SeverityText'))?.sql ?? '';
    t.match(sql, words);
  }
});

t.test('of an answer that ends early the file has what came, and says that it is a part', async (t) => {
  const rows = ['1', '2'].map((digit) => spanRow(TRACE, digit.repeat(16)));
  const whole = compact(rows);
  const begun = whole.slice(0, whole.indexOf('\n\t],\n\n\t"rows"'));
  const large = [...rows, spanRow(TRACE, '3'.repeat(16), { large: 'x'.repeat(33 * 1024 * 1024) })];
  for (const [what, answer] of [
    ['an error after rows', `${begun}\n${exception(241, 'Memory limit exceeded')}`],
    ['an error within a row', `${begun},\n\t\t["aaa${exception(241, 'Memory limit exceeded')}`],
    [
      'an error in the form itself',
      whole.replace('"rows": 2', '"rows": 2,\n\t"exception": "Code: 241. DB::Exception: Memory"'),
    ],
    ['another number of rows', whole.replace('"rows": 2', '"rows": 3')],
    ['nothing more', begun],
    ['a row of 33 MiB', compact(large)],
  ] as const) {
    const { code, said, file } = await pull(t, ({ sql }) => (isSpans(sql) ? answer : undefined));
    t.equal(code, 1, what);
    t.match(said, /It is a part/, what);
    const [, record, trace] = documents(file);
    t.ok(countedIn(record).part, what);
    t.equal(trace.resourceSpans[0].scopeSpans[0].spans.length, 2, what);
  }
});

t.test(
  'a row of 20 MB comes, and one of 33 MiB is named with its trace, and how to pull the others',
  async (t) => {
    const withSize = (bytes: number): Own => {
      const rows = [spanRow(TRACE, '1'.repeat(16)), spanRow(TRACE, '2'.repeat(16), { x: 'x'.repeat(bytes) })];
      return ({ sql }) => (isSpans(sql) ? compact(rows) : undefined);
    };
    const whole = await pull(t, withSize(20e6));
    t.equal(whole.code, 0, whole.said);
    t.equal(documents(whole.file)[2].resourceSpans[0].scopeSpans[0].spans.length, 2);
    const { code, said } = await pull(t, withSize(33 * 1024 * 1024));
    t.equal(code, 1);
    const [, where = ''] = new RegExp(`${TRACE}.* 32 MiB.*--where '(.*)'`).exec(said) ?? [];
    const others = await pull(t, () => undefined, '--where', where);
    t.equal(others.code, 0, others.said);
  },
);

t.test(
  'the own clock ends a statement at the engine, before its first row and after some, which are kept',
  async (t) => {
    const begun = begunWith(spanRow(TRACE, '1'.repeat(16)), spanRow(TRACE, '2'.repeat(16)));
    for (const [isLate, answer] of [
      [isFigures, ''],
      [isSpans, begun],
    ] as const) {
      let running: { readonly id: string | null; readonly received: number } | undefined;
      const { address, asked } = await recordedEngine(t, ({ sql, query, response }) => {
        if (!isLate(sql)) return undefined;
        running = { id: query.get('query_id'), received: engine.spent.received };
        if (answer !== '') response.write(answer);
        return null;
      });
      const place = readAddress(address, {});
      const clock = new AbortController();
      const engine = new Engine(place, new AbortController().signal, () => clock.signal);
      const { traces: table } = await findTables(engine, place);
      const [folder, to] = [temporaryDirectory(t), BigInt(Date.now()) * 1_000_000n];
      const path = join(folder, 'pull.gz');
      const given = { table, from: to - 3_600_000_000_000n, to, hasRootless: true };
      const pulling = pullTraces(engine, given, {
        ...{ most: 10, redact: [], name: 'prod', path, folder },
        say: () => {},
        signal: new AbortController().signal,
      }).then(
        ({ part }) => part,
        (error: unknown) => error,
      );
      await until(() => running !== undefined && engine.spent.received >= running.received + answer.length, {
        what: () => JSON.stringify(asked.at(-1)),
      });
      clock.abort();
      t.match(await pulling, answer === '' ? { name: 'CliError', message: /took longer/ } : /took longer/);
      t.ok(asked.some(({ sql }) => sql.startsWith(`KILL QUERY WHERE query_id = '${running?.id}'`)));
      if (answer === '') {
        t.throws(() => readFileSync(path));
        continue;
      }
      const [, record, trace] = documents(path);
      t.match(countedIn(record).part, /took longer/);
      t.equal(trace.resourceSpans[0].scopeSpans[0].spans.length, 2);
    }
  },
);

t.test('rows that OTLP cannot say are left out, and counted', async (t) => {
  const odd = [
    spanRow('no id', '1'.repeat(16)),
    spanRow(TRACE, 'x'),
    spanRow(TRACE, '1'.repeat(16)).with(7, '-1'),
    spanRow(TRACE, '2'.repeat(16)),
  ];
  const { said, file } = await pull(t, ({ sql }) => {
    if (sql.startsWith('SELECT trace, '))
      return compact([
        [1, TRACE, 2, '1'],
        [1, 'no id', 2, '1'],
      ]);
    return isSpans(sql) ? compact(odd) : undefined;
  });
  t.match(said, /3 rows without/);
  t.equal(documents(file)[2].resourceSpans[0].scopeSpans[0].spans.length, 1);
});

t.test('values that OTLP has no number for stay texts, and a damaged column costs one row', async (t) => {
  const attributes = { 'http.response.status_code': '9223372036854775808', 'gen_ai.request.top_k': '1e999' };
  const rows = [
    spanRow(TRACE, '1'.repeat(16), attributes),
    spanRow(TRACE, '2'.repeat(16)).with(14, ['{"a":', { a: 'Int64' }]),
    spanRow(TRACE, '3'.repeat(16)).with(14, [
      '{"a":1,"a":{"b":"18446744073709551615"}}',
      { a: 'Int64', 'a.b': 'UInt64' },
    ]),
  ];
  const { code, said, file } = await pull(t, ({ sql }) => (isSpans(sql) ? compact(rows) : undefined));
  t.equal(code, 0, said);
  t.match(said, /1 row without/);
  const [first, third] = documents(file)[2].resourceSpans[0].scopeSpans[0].spans;
  t.match(first.attributes, [
    { value: { stringValue: '9223372036854775808' } },
    { value: { stringValue: '1e999' } },
  ]);
  t.match(third.attributes, [
    { value: { intValue: '1' } },
    { key: 'a.b', value: { stringValue: '18446744073709551615' } },
  ]);
});

t.test('an answer without an end is not read to its end', async (t) => {
  const { code, said, asked } = await pull(t, ({ sql }) =>
    isFigures(sql) ? compact(Array.from({ length: 250_000 }, () => ['shop'])) : undefined,
  );
  t.equal(code, 1);
  t.match(said, /more than 200000 rows/);
  t.notOk(asked.some(({ sql }) => isSpans(sql)));
});

atNight(t).test('of 10 million rows the file has a million, and the engine is told to end', async (t) => {
  const begun = compact([]).replace('\n\n\t],', '\n');
  const { code, said, asked } = await pull(t, async ({ sql, response }) => {
    if (!isSpans(sql)) return undefined;
    response.write(begun.slice(0, begun.indexOf('\t[\n', begun.indexOf('"data"')) + 3));
    for (let at = 0; at < 10_000_000 && !response.destroyed; at++)
      if (!response.write(`\t\t${JSON.stringify(spanRow(TRACE, at.toString(16).padStart(16, '0')))},\n`))
        await new Promise((resolve) => response.once('drain', resolve)); // never, once the client has gone
    return null;
  });
  t.equal(code, 1);
  t.match(said, /It is a part: it ends after 1,000,000 rows/);
  t.ok(asked.some(({ sql }) => sql.startsWith('KILL QUERY')));
});

t.test('a trace of 20,000 spans comes in several documents', async (t) => {
  const rows = Array.from({ length: 20_000 }, (_, at) => spanRow(TRACE, at.toString(16).padStart(16, '0')));
  const { code, file } = await pull(t, ({ sql }) => (isSpans(sql) ? compact(rows) : undefined));
  t.equal(code, 0);
  const several = documents(file).slice(2);
  t.ok(several.length > 1);
  const spans = several.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap((each: ScopeSpans) => each.scopeSpans.flatMap(({ spans }) => spans)),
  );
  t.equal(spans.length, 20_000);
});

t.test('values are left out before a byte is written, and fields that look secret are named', async (t) => {
  const secret = 'tok-5551234';
  const { said, file } = await pull(
    t,
    ({ sql }) => {
      if (sql.startsWith('SELECT DISTINCT')) return compact([['app.token'], ['user.email']]);
      return isSpans(sql)
        ? compact([
            spanRow(TRACE, '1'.repeat(16), {
              'app.token': secret,
              'user.email': 'ada@example.com',
              copy: `with ${secret}`,
            }),
          ])
        : undefined;
    },
    '--redact',
    'app.token',
    '--redact',
    'user.*',
  );
  t.notMatch(gunzipSync(readFileSync(file)).toString(), /tok-5551234|ada@example/);
  t.notMatch(said, /look secret/);
  const named = await pull(t, ({ sql }) =>
    sql.startsWith('SELECT DISTINCT') ? compact([['app.token']]) : undefined,
  );
  t.match(named.said, /look secret: app\.token/);
});

t.test('--where asks for any span of a trace, and an error names what the engine cannot ask', async (t) => {
  const where = JSON.stringify({ filters: [{ column: 'service.name', op: '=', value: "check'out\\" }] });
  const { asked, said } = await pull(t, () => undefined, '--where', where);
  t.match(asked.find(({ sql }) => isSpans(sql))?.sql, String.raw`nullIf(ServiceName, '')) = 'check\'out\\'`);
  t.match(said, /that touch check'out/);
  for (const [wrong, words] of [
    [{ filters: [{ column: 'root.name', op: '=', value: 'x' }] }, /root\.name/],
    [{ filters: [{ column: 'exception.message', op: 'exists' }] }, /exception\.message/],
    [{ filters: [], breakdowns: ['name'] }, /breakdowns/],
    [{ filters: [] }, /no filters/],
  ] as const) {
    const refused = await pull(t, () => undefined, '--where', JSON.stringify(wrong));
    t.equal(refused.code, 1);
    t.match(refused.said, words);
  }
});

t.test('addresses: HTTP only, without a user, and without another parameter', async (t) => {
  for (const [address, words] of [
    ['clickhouse://host:9000/otel', /native port/],
    ['https://host:8443/otel', /clickhouse\+https/],
    ['clickhouse+https://ada:geheim@host/otel', /CLICKHOUSE_USER/],
    ['clickhouse+https://host/otel?password=geheim', /no other parameter/],
    ['clickhouse+https://host/a/b', /needs the address/],
    ['clickhouse+https://host/geheim%zz', /database’s name .* %25/],
  ] as const) {
    const { code, error } = await runCli('pull', [address]);
    t.equal(code, 1, address);
    t.match(error, words);
    t.notMatch(error, /geheim/);
  }
});

t.test(
  'Ctrl+C ends the statement at the engine, keeps what came, and leaves no temporary folder',
  async (t) => {
    const begun = begunWith(spanRow(TRACE, '1'.repeat(16)), spanRow(TRACE, '2'.repeat(16)));
    let running: string | null = null;
    const { address, asked } = await recordedEngine(t, ({ sql, query, response }) => {
      if (!isSpans(sql)) return undefined;
      running = query.get('query_id');
      response.write(begun);
      return null;
    });
    const folder = temporaryDirectory(t);
    const file = join(folder, 'pull.gz');
    const work = mkdtempSync(join(tmpdir(), 'tandem-pull-'));
    const { child, output } = startCli('pull', [address, '--save', file], { TMPDIR: work });
    await until(() => running !== null, { what: () => output.error });
    await until(() => readdirSync(work).some((each) => readdirSync(join(work, each)).length > 0), {
      what: () => output.error,
    });
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.once('close', resolve));
    t.equal(code, 130, output.error);
    t.match(asked.at(-1)?.sql, `KILL QUERY WHERE query_id = '${running}'`);
    t.match(output.error, /It is a part: it was stopped/);
    t.ok(documents(file).length >= 2);
    t.same(readdirSync(work), []);
  },
);

t.test('Ctrl+C, also twice, while the file is written: it is whole, and has all that came', async (t) => {
  const rows = Array.from({ length: 50_000 }, (_, at) => spanRow(TRACE, at.toString(16).padStart(16, '0')));
  const { address } = await recordedEngine(t, ({ sql }) => (isSpans(sql) ? compact(rows) : undefined));
  for (const times of [1, 2]) {
    const [folder, work] = [temporaryDirectory(t), temporaryDirectory(t)];
    const file = join(folder, 'pull.gz');
    const { child, output } = startCli('pull', [address, '--save', file], { TMPDIR: work });
    const closed = once(child, 'close');
    const isWriting = () => readdirSync(folder).some((each) => each.endsWith('.part'));
    await until(isWriting, { what: () => output.error });
    for (let sent = 0; sent < times; sent++) {
      child.kill('SIGINT');
      await sleep(50);
    }
    const [code] = await closed;
    t.equal(code, 130, output.error);
    t.same(readdirSync(folder), ['pull.gz']);
    t.equal(countedIn(documents(file)[1]).part, undefined);
    t.match(output.error, /pull\.gz: 1 trace of 1/);
    t.same(readdirSync(work), []);
  }
});

t.test('--dry-run prints the estimate and reads no trace', async (t) => {
  const { address, asked } = await recordedEngine(t, ({ sql }) =>
    sql.startsWith('EXPLAIN ESTIMATE') ? compact([['otel', 'otel_traces', 1, 8192, 1]]) : undefined,
  );
  const { out } = await runCli('pull', [address, '--dry-run']);
  t.match(out, /8,192 rows of otel\.otel_traces/);
  t.notOk(asked.some(({ sql }) => isSpans(sql)));
});
