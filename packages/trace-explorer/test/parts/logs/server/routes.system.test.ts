import t from 'tap';
import { EventStream } from '../../../core/live/event-stream.ts';
import { at, temporaryExplorer } from '../../../explorer.ts';
import { randomId, storeLogs, storeSpans } from '../../../spans.ts';

const [TRACE_ID, SPAN_ID] = [randomId(16), randomId(8)];

const bodies = ({ body }: { body: { logs: { body: string }[] } }) => body.logs.map(({ body }) => body);

t.test(
  'a log record that names its trace and span by attributes alone is in that trace, beside its spans',
  async (t) => {
    const { store, get } = await temporaryExplorer(t);
    const [traceId, spanId] = [randomId(16), randomId(8)];
    await storeSpans(store, [{ traceId, spanId, service: 'api', name: 'GET /' }]);
    const attributes = {
      'trace.trace_id': traceId,
      'trace.parent_id': spanId,
      name: 'charge',
      duration_ms: 9000,
    };
    await storeLogs(store, [{ service: 'api', severity: 17, body: 'refused', attributes }]);
    t.match((await get(`/api/logs?trace_id=${traceId}`)).body.logs, [{ body: 'refused', span_id: spanId }]);
    t.match((await get('/api/traces')).body.traces, [{ trace_id: traceId, spans: 1 }]);
  },
);

/** The log records of the trace in the order of time. */
const OF_TRACE = `/api/logs?trace_id=${TRACE_ID}&order=oldest`;

t.test('/api/logs and the log records of a trace', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, [{ traceId: TRACE_ID, spanId: SPAN_ID, service: 'api' }]);
  await storeLogs(store, [
    {
      service: 'api',
      time: at(3),
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      severity: 17,
      severityText: 'ERROR',
      body: 'Payment refused',
      eventName: 'payment.refused',
      attributes: { 'user.id': 'u1', nested: { map: { a: 1 } } },
    },
    { service: 'api', time: at(1), traceId: TRACE_ID, severity: 9, body: 'first' },
    { service: 'api', time: at(4), traceId: TRACE_ID, spanId: randomId(8), severity: 5, body: 'orphan' },
    { service: 'worker', time: at(2), severity: 0, body: { map: { msg: 'structured' } } },
    { service: 'worker', time: at(5), severity: 13, body: 'slow PAYMENT', attributes: { n: 7 } },
  ]);

  t.test('are listed newest first, with what a line needs', async (t) => {
    const list = await get('/api/logs');
    t.same(bodies(list), ['slow PAYMENT', 'orphan', 'Payment refused', '{"msg":"structured"}', 'first']);
    t.notOk(list.body.next);
    const { id, time, ...entry } = list.body.logs[2];
    t.match(id, /^\d+$/);
    t.match(time, /^\d{4}-\d\d-\d\dT/);
    t.same(entry, {
      time_ns: String(at(3)),
      service: 'api',
      severity: 'error',
      severity_code: 17,
      severity_text: 'ERROR',
      body: 'Payment refused',
      event_name: 'payment.refused',
      trace_id: TRACE_ID,
      span_id: SPAN_ID,
      attributes: { 'user.id': 'u1', nested: { a: 1 } },
    });
  });

  t.test('are filtered', async (t) => {
    const from = Number(at(2)) / 1e9;
    for (const [query, expected] of [
      ['service=worker', ['slow PAYMENT', '{"msg":"structured"}']],
      ['level=warn', ['slow PAYMENT', 'Payment refused']],
      ['level=trace', ['slow PAYMENT', 'orphan', 'Payment refused', 'first']],
      ['text=payment', ['slow PAYMENT', 'Payment refused']],
      ['field=user.id%3Du1', ['Payment refused']],
      ['field=n%3D7&field=service.name%3Dworker', ['slow PAYMENT']],
      ['field=n%3D7&service=api', []],
      ['field=user.id', ['Payment refused']],
      ['field=n&field=user.id', []],
      [`trace_id=${TRACE_ID.toUpperCase()}&level=info`, ['Payment refused', 'first']],
      [`span_id=${SPAN_ID}`, ['Payment refused']],
      [`end_time=${from}`, ['first']],
      [`start_time=${from + 0.0025}`, ['slow PAYMENT']],
    ] as const) {
      t.same(bodies(await get(`/api/logs?${query}`)), expected, query);
    }
  });

  t.test('come in pages', async (t) => {
    for (const [base, expected] of [
      ['/api/logs?limit=2', ['slow PAYMENT', 'orphan', 'Payment refused', '{"msg":"structured"}', 'first']],
      [`${OF_TRACE}&limit=2`, ['first', 'Payment refused', 'orphan']],
    ] as const) {
      const seen: string[] = [];
      let page = await get(base);
      for (let pages = 0; pages < 5; pages++) {
        seen.push(...bodies(page));
        if (page.body.next === undefined) break;
        page = await get(`${base}&cursor=${page.body.next}`);
      }
      t.same(seen, expected);
    }
  });

  t.test('of a trace are in the order of time, and filtered too', async (t) => {
    t.same(bodies(await get(OF_TRACE)), ['first', 'Payment refused', 'orphan']);
    t.same(bodies(await get(`${OF_TRACE}&level=error`)), ['Payment refused']);
    t.same(bodies(await get(`${OF_TRACE}&span_id=${SPAN_ID}`)), ['Payment refused']);
    t.same(bodies(await get(`/api/logs?trace_id=${randomId(16)}`)), []);
  });

  t.test('are counted over time, by level', async (t) => {
    const { status, body } = await get('/api/logs/density');
    t.equal(status, 200);
    t.equal(body.total, 5);
    t.equal(body.bucket_seconds, 0.001);
    t.equal(Math.round((body.end_time - body.start_time) * 1000), 5);
    t.same(body.levels, {
      info: [1, 0, 0, 0, 0],
      unspecified: [0, 1, 0, 0, 0],
      error: [0, 0, 1, 0, 0],
      debug: [0, 0, 0, 1, 0],
      warn: [0, 0, 0, 0, 1],
    });
    const from = Math.floor(Number(at(0)) / 1e9);
    const long = (
      await get(`/api/logs/density?start_time=${from - 3600}&end_time=${from + 3600}&service=api`)
    ).body;
    t.match(long, { total: 3, bucket_seconds: 120 });
    t.equal(long.levels.error.length, Math.round((long.end_time - long.start_time) / 120));
    t.ok(long.start_time <= from - 3600 && long.end_time >= from + 3600, 'all of the time is there');
    t.same((await get('/api/logs/density?text=nothing+says+this')).body.total, 0);
    t.equal((await get('/api/logs/density?field=nope%3D1')).status, 400);
  });

  t.test('are counted by sender', async (t) => {
    const { services } = (await get('/api/status')).body;
    t.match(
      services.find(({ name }: { name: string }) => name === 'worker'),
      { rows: 2, logs: 2, last_log: /^\d{4}-/ },
    );
    t.match(
      services.find(({ name }: { name: string }) => name === 'api'),
      { rows: 4, logs: 3 },
    );
  });

  t.test('one record is shown as it was sent', async (t) => {
    const { body } = await get('/api/logs?text=refused');
    const record = await get(`/api/logs/${body.logs[0].id}`);
    t.match(record.body.resourceLogs[0], {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'api' } }] },
      scopeLogs: [{ logRecords: [{ body: { stringValue: 'Payment refused' }, severityNumber: 17 }] }],
    });
    t.equal((await get('/api/logs/1')).status, 404, 'a span is no log record');
    t.equal((await get('/api/logs/99999')).status, 404);
  });

  t.test('refuse what they do not understand', async (t) => {
    for (const query of ['level=loud', 'cursor=x', 'field=nope%3D1', 'limit=0', 'trace_id=abc', 'what=1'])
      t.equal((await get(`/api/logs?${query}`)).status, 400, query);
    t.match((await get('/api/logs?field=nope')).body, {
      code: 'UNKNOWN_FIELD',
      detail: 'No stored span or log record has a field named "nope".',
    });
  });
});

t.test(
  'what others send of levels and exceptions is found by the level and the text that are shown',
  async (t) => {
    const { store, get } = await temporaryExplorer(t);
    await storeLogs(store, [
      { time: at(1), severity: 0, severityText: 'WARNING', body: 'warned by text' },
      { time: at(2), severity: 0, severityText: 'Critical', body: 'critical by text' },
      { time: at(3), severity: 0, severityText: 'AUDIT', body: 'audited' },
      { time: at(4), severity: 18, body: 'an attribute of its own', attributes: { severity: 'sev2' } },
      { time: at(5), severity: 0, body: 'by an attribute', attributes: { severity: 'ERROR' } },
      { time: at(6), severity: 99, body: 'a number that is none' },
      {
        time: at(7),
        severity: 17,
        eventName: 'payment.refused',
        attributes: { 'exception.type': 'CardError', 'exception.message': 'No funds' },
      },
    ]);
    const shown = async (query: string) => {
      const { logs } = (await get(`/api/logs?${query}`)).body;
      return logs.map(
        ({ body = '-', severity }: { body?: string; severity: string }) => `${severity} ${body}`,
      );
    };
    t.same(await shown(''), [
      'error -',
      'unspecified a number that is none',
      'error by an attribute',
      'error an attribute of its own',
      'unspecified audited',
      'fatal critical by text',
      'warn warned by text',
    ]);
    t.same(await shown('level=fatal'), ['unspecified a number that is none', 'fatal critical by text']);
    t.same((await shown('level=warn')).length, 6);
    t.same(await shown('level=error&text=by'), ['error by an attribute', 'fatal critical by text']);
    for (const text of ['no funds', 'carderror: no', 'PAYMENT.refused']) {
      t.same(await shown(`text=${encodeURIComponent(text)}`), ['error -'], text);
    }
    const { levels } = (await get('/api/logs/density')).body;
    const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count);
    t.same(
      Object.fromEntries(Object.entries<number[]>(levels).map(([level, counts]) => [level, sum(counts)])),
      {
        warn: 1,
        error: 3,
        fatal: 1,
        unspecified: 2,
      },
    );
  },
);

t.test('a record too large for a list is cut there, and whole by itself', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const body = 'x'.repeat(100_000);
  await storeLogs(store, [{ body, attributes: { a: 1 } }]);
  const [entry] = (await get('/api/logs')).body.logs;
  t.match(entry, { partial: true, attributes: {} });
  t.ok(entry.body.length < 70_000);
  const whole = await get(`/api/logs/${entry.id}`);
  t.equal(whole.body.resourceLogs[0].scopeLogs[0].logRecords[0].body.stringValue, body);
});

t.test('the tail', async (t) => {
  const { app, store } = await temporaryExplorer(t);
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  await storeLogs(store, [{ body: 'before' }]);

  t.test('sends new matching records in the order of arrival', async (t) => {
    const stream = await EventStream.open(`${base}/api/logs/tail?level=warn&service=api`);
    t.teardown(() => stream.close());
    await stream.next('hello');
    await storeSpans(store, [{ service: 'api' }]);
    await storeLogs(store, [
      { service: 'api', severity: 17, body: 'one' },
      { service: 'api', severity: 9, body: 'too low' },
      { service: 'worker', severity: 17, body: 'of another' },
      { service: 'api', severity: 13, body: 'two', time: at(-1000) },
    ]);
    const { data } = await stream.next('logs');
    t.same(
      data.logs.map(({ body }: { body: string }) => body),
      ['one', 'two'],
    );
    t.equal(data.more, 0);
  });

  t.test('sends the newest of a flood, and how many there were besides', async (t) => {
    const stream = await EventStream.open(`${base}/api/logs/tail`);
    t.teardown(() => stream.close());
    await stream.next('hello');
    await storeLogs(
      store,
      Array.from({ length: 550 }, (_, n) => ({ body: `line ${n}` })),
    );
    const { data } = await stream.next('logs');
    t.equal(data.logs.length, 500);
    t.equal(data.more, 50);
    t.equal(data.logs.at(-1).body, 'line 549');
  });

  t.test('sends or counts every record of a flood that goes on', async (t) => {
    const stream = await EventStream.open(`${base}/api/logs/tail?text=flood`);
    t.teardown(() => stream.close());
    await stream.next('hello');
    const total = 12 * 700;
    const sending = (async () => {
      for (let part = 0; part < 12; part++)
        await storeLogs(
          store,
          Array.from({ length: 700 }, (_, n) => ({ body: `flood ${part * 700 + n}` })),
        );
    })();
    const ids: number[] = [];
    let skipped = 0;
    for (let event = 0; event < total && ids.length + skipped < total; event++) {
      const { data } = await stream.next('logs');
      ids.push(...data.logs.map(({ id }: { id: string }) => Number(id)));
      skipped += data.more;
    }
    await sending;
    t.equal(ids.length + skipped, total);
    t.ok(skipped > 0);
    t.same(
      ids,
      [...new Set(ids)].sort((a, b) => a - b),
      'each once, in the order of arrival',
    );
  });

  t.test('goes on where a client was', async (t) => {
    const first = await EventStream.open(`${base}/api/logs/tail`);
    const { id } = await first.next('hello');
    first.close();
    await storeLogs(store, [{ body: 'missed' }]);
    const second = await EventStream.open(`${base}/api/logs/tail`, id);
    t.teardown(() => second.close());
    const { data } = await second.next('logs');
    t.same(
      data.logs.map(({ body }: { body: string }) => body),
      ['missed'],
    );
  });
});

t.test('log records of a trace change the trace for live pages', async (t) => {
  const { app, store } = await temporaryExplorer(t);
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  const traceId = randomId(16);
  await storeSpans(store, [{ traceId, service: 'api' }]);
  const stream = await EventStream.open(`${base}/api/live`);
  t.teardown(() => stream.close());
  await stream.next('hello');
  await storeLogs(store, [{ traceId, body: 'late' }]);
  const { data } = await stream.next('traces');
  t.match(data.traces, [{ trace_id: traceId, spans: 1 }]);
});
