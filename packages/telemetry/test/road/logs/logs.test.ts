import { context, trace } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import pino from 'pino';
import t from 'tap';
import { codeLines } from '../../../src/common/code-lines.ts';
import { recordFailure } from '../../../src/common/failures.ts';
import { logMixin } from '../../../src/index.ts';
import { loggerOf, silent, start } from './start.ts';

t.test(
  'a line becomes a record with its span, level, message and other fields; the line stays as it is',
  async (t) => {
    const { logger, lines } = loggerOf({
      base: null,
      mixin: logMixin,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    });
    const { records } = await start(t);
    const tracer = trace.getTracer('test');
    const span = tracer.startActiveSpan('work', (span) => {
      logger.warn(
        { userId: 7, nested: { a: [1, 'b'], deep: { c: true } }, 'event.name': 'cart.full' },
        'full of %s',
        'x',
      );
      span.end();
      return span;
    });
    const [record] = await records();
    const { traceId, spanId } = span.spanContext();
    t.match(record, {
      traceId,
      spanId,
      flags: 1,
      severityNumber: 13,
      severityText: 'warn',
      body: 'full of x',
      eventName: 'cart.full',
      service: 'lines',
      scope: 'pino',
    });
    t.strictSame(record?.attributes, { userId: 7, nested: { a: [1, 'b'], deep: { c: true } } });
    t.match(JSON.parse(lines[0] ?? ''), { level: 'warn', msg: 'full of x', trace_id: traceId, userId: 7 });
  },
);

t.test('a backend that takes no log records gets its spans, and is named in one line', async (t) => {
  const warnings: string[] = [];
  const warn = (_fields: object, message = '') => void warnings.push(message);
  const { logger } = loggerOf();
  const { receiver, telemetry } = await start(t, {}, { ...silent, warn });
  receiver.answer = ({ isOfLogs }) => ({ status: isOfLogs ? 404 : 200 });
  for (const name of ['first', 'second']) {
    trace.getTracer('test').startActiveSpan(name, (span) => {
      logger.info('a line');
      span.end();
    });
    await telemetry.flush();
  }
  t.strictSame(receiver.accepted, ['first', 'second']);
  t.equal(receiver.logRequests.length, 2);
  const ofLogs = warnings.filter((warning) => warning.startsWith('Log records'));
  t.match(ofLogs, [
    /^Log records did not reach .*\/v1\/logs: 404, .*OTEL_LOGS_EXPORTER=none stops log records.* 1 log record lost/,
  ]);
  t.equal(ofLogs.length, 1);
});

t.test('log records wait while the base URL ends in a path of its own, and the line says so', async (t) => {
  const warnings: string[] = [];
  const warn = (_fields: object, message = '') => void warnings.push(message);
  const { logger } = loggerOf();
  const { receiver, telemetry } = await start(t, {}, { ...silent, warn }, '/v1/traces');
  receiver.answer = () => ({ status: 404 });
  logger.info('a line');
  await telemetry.flush();
  const [warning, ...others] = warnings.filter((each) => each.startsWith('Log records'));
  t.match(warning, /OTEL_EXPORTER_OTLP_ENDPOINT is a base URL, without \/v1\/traces.* No log records lost/);
  t.notMatch(warning, /OTEL_LOGS_EXPORTER/);
  t.same(others, []);
  t.match(telemetry.counters().logs.destinations, [{ lost: { rejected: 0 }, spool: { items: 1 } }]);
});

t.test('a message that is redacted in the line is so in the record', async (t) => {
  const { logger, lines } = loggerOf({ redact: ['msg', 'token'] });
  const { records } = await start(t);
  logger.info({ token: 'abc' }, 'the secret is 42');
  const [record] = await records();
  t.match(JSON.parse(lines[0] ?? ''), { msg: '[Redacted]' });
  t.match(record, { body: '[Redacted]', attributes: { token: '[Redacted]' } });
});

t.test('a message among the fields of a line is the body of the record', async (t) => {
  const { logger } = loggerOf({ base: null });
  const { records } = await start(t);
  logger.info({ msg: 'in the fields', user: 7 });
  logger.info({ msg: { not: 'text' } });
  const [text, object] = await records();
  t.match(text, { body: 'in the fields', attributes: { user: 7, msg: undefined } });
  t.match(object, { body: undefined, attributes: { msg: { not: 'text' } } });
});

t.test("the resource's service.name is no attribute of the record", async (t) => {
  const { logger } = loggerOf({ base: null });
  const { records } = await start(t);
  logger.info({ 'service.name': 'lines' }, 'like its resource');
  logger.info({ 'service.name': 'other' }, 'otherwise');
  const [same, other] = await records();
  t.strictSame(same?.attributes, {});
  t.strictSame(other?.attributes, { 'service.name': 'other' });
});

t.test("pino's pid and hostname, which the resource has, are no attributes; others' are", async (t) => {
  const { logger } = loggerOf();
  const { records } = await start(t);
  logger.info('of this process');
  logger.info({ pid: 1, hostname: 'elsewhere' }, 'of another');
  const [own, other] = await records();
  t.strictSame(own?.attributes, {});
  t.strictSame(other?.attributes, { pid: 1, hostname: 'elsewhere' });
});

t.test('a line lies within the span that wrote it, to the nanosecond', async (t) => {
  const { logger } = loggerOf();
  const { receiver, records } = await start(t);
  trace.getTracer('test').startActiveSpan('work', (span) => {
    logger.info('within');
    span.end();
  });
  const [record] = await records();
  const [span] = receiver.spans();
  t.ok(record && span && record.time >= span.start && record.time <= span.end);
  t.equal(record?.observedTime, record?.time);
});

t.test('a time that the line gives itself is an attribute', async (t) => {
  const { logger } = loggerOf();
  const { records } = await start(t);
  logger.info({ time: 1_700_000_000_000 }, 'of old');
  logger.info('of now');
  const [old, now] = await records();
  t.equal(old?.attributes.time, 1_700_000_000_000);
  t.notOk('time' in (now?.attributes ?? {}));
});

t.test('an error becomes exception.* by the conventions, and its other fields stay', async (t) => {
  const { logger } = loggerOf();
  const { records } = await start(t);
  logger.error(Object.assign(new TypeError('no such thing'), { code: 'E_THING' }));
  logger.error({ err: new Error('plain') }, 'with a message of its own');
  const [typed, plain] = await records();
  t.match(typed, {
    severityNumber: 17,
    body: 'no such thing',
    attributes: {
      'exception.type': 'TypeError',
      'exception.message': 'no such thing',
      'exception.stacktrace': /TypeError: no such thing\n {4}at /,
      err: { code: 'E_THING' },
    },
  });
  t.match(plain, { body: 'with a message of its own', attributes: { 'exception.message': 'plain' } });
  t.notOk('err' in (plain?.attributes ?? {}));
});

t.test('an error whose stack has a line that the file lacks has its file', async (t) => {
  const { logger } = loggerOf();
  const { records } = await start(t);
  const place = { 'code.file.path': 'src/api.ts', 'code.function.name': 'api' };
  codeLines.value = { folder: '/srv', placeWithoutLine: () => place };
  t.teardown(() => {
    codeLines.value = undefined;
  });
  logger.error(new Error('evaluated'));
  const [record] = await records();
  t.match(record?.attributes, { ...place, 'exception.message': 'evaluated' });
});

t.test('with child loggers, serializers, redaction and a messageKey, the record is the line', async (t) => {
  const { logger } = loggerOf({
    messageKey: 'message',
    base: { pid: 1 },
    redact: ['password'],
    serializers: { user: ({ id }: { id: number }) => ({ id }) },
    customLevels: { notice: 35 },
  });
  const { records } = await start(t);
  const child = logger.child({ component: 'cart' }) as typeof logger & {
    notice(fields: object, message: string): void;
  };
  child.notice({ password: 'hunter2', user: { id: 3, secret: 's' } }, 'hello');
  logger.error({ err: new RangeError('far') }, 'failed');
  const [noticed, failed] = await records();
  t.match(noticed, { body: 'hello', severityNumber: 11, severityText: 'notice' });
  t.strictSame(noticed?.attributes, { pid: 1, component: 'cart', password: '[Redacted]', user: { id: 3 } });
  t.match(failed, { attributes: { 'exception.type': 'RangeError' } });
});

t.test('a line outside of a span has no ids; ids that it names itself are attributes', async (t) => {
  const { logger } = loggerOf({ base: null });
  const { records } = await start(t);
  logger.info('nowhere');
  logger.info({ trace_id: 'elsewhere' }, 'with an id');
  const [nowhere, named] = await records();
  t.match(nowhere, { traceId: '', spanId: '', flags: 0 });
  t.match(named, { traceId: '', attributes: { trace_id: 'elsewhere' } });
});

t.test('a line of an unsampled trace keeps its trace id, with flags 0', async (t) => {
  const { logger } = loggerOf();
  const { receiver, records } = await start(t, { OTEL_TRACES_SAMPLER: 'always_off' });
  const traceId = trace.getTracer('test').startActiveSpan('work', (span) => {
    logger.info('unsampled');
    span.end();
    return span.spanContext().traceId;
  });
  t.match(await records(), [{ traceId, flags: 0, body: 'unsampled' }]);
  t.equal(receiver.spans().length, 0);
});

t.test('records by @opentelemetry/api-logs are exported', async (t) => {
  const { records } = await start(t);
  const logger = logs.getLogger('cart', '1.2.3');
  t.ok(logger.enabled());
  const span = trace.getTracer('test').startSpan('work');
  const attributes = { 'cart.id': 5, nested: { a: 'b' } };
  const within = trace.setSpan(context.active(), span);
  logger.emit({ eventName: 'cart.emptied', body: 'by hand', attributes, context: within });
  span.end();
  const { traceId, spanId } = span.spanContext();
  const expected = { traceId, spanId, body: 'by hand', eventName: 'cart.emptied', attributes };
  t.match(await records(), [{ ...expected, scope: 'cart', service: 'lines' }]);
});

t.test('limits and redaction hold for log records, nested fields by their path', async (t) => {
  const { logger } = loggerOf({ base: null });
  const { records } = await start(t, {
    OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '2',
    OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '5',
    TRACE_REDACT_ATTRIBUTES: 'user.email,secret',
  });
  logger.info({ user: { email: 'a@b', name: 'long name' }, secret: 1, third: 1, fourth: 2 }, 'limited');
  const [record] = await records();
  t.strictSame(record?.attributes, { user: { email: 'REDACTED', name: 'long ' }, secret: 'REDACTED' });
  t.equal(record?.droppedAttributesCount, 2);
});

t.test('OTEL_LOGS_EXPORTER=none sends no lines; an endpoint for traces only sends none either', async (t) => {
  for (const environment of [{ OTEL_LOGS_EXPORTER: 'none' }, { OTEL_EXPORTER_OTLP_ENDPOINT: '' }])
    await t.test(JSON.stringify(environment), async (t) => {
      const { receiver, telemetry } = await start(t, {
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1/v1/traces',
        ...environment,
      });
      loggerOf().logger.info('not sent');
      await telemetry.flush();
      t.equal(receiver.logRequests.length, 0);
      t.strictSame(telemetry.settings.logs.exporters, []);
    });
});

t.test('after shutdown no record is made, and all that was written before was sent', async (t) => {
  const { logger } = loggerOf();
  const { receiver, telemetry } = await start(t);
  logger.info('before');
  await telemetry.shutdown();
  logger.info('after');
  t.match(receiver.logRecords(), [{ body: 'before' }]);
  t.equal(receiver.logRecords().length, 1);
  t.notOk(logs.getLogger('any').enabled());
});

t.test(
  'a backend that is away: lines are kept in their own part of the spool, and sent in order',
  async (t) => {
    const { logger } = loggerOf();
    const { receiver, telemetry, records } = await start(t);
    receiver.answer = () => ({ status: 503 });
    for (let count = 0; count < 300; count++) logger.info({ count }, 'kept');
    await telemetry.flush();
    t.match(telemetry.counters().logs.destinations, [{ name: 'otlp', spool: { items: 300 } }]);
    t.match(telemetry.counters().spans.destinations, [{ name: 'otlp', spool: { items: 0 } }]);
    receiver.reset();
    receiver.answer = () => ({ status: 200 });
    await receiver.waitFor(() => receiver.logRecords().length >= 300);
    t.strictSame(
      (await records()).map(({ attributes }) => attributes.count),
      Array.from({ length: 300 }, (_, count) => count),
    );
  },
);

t.test('exceptions are events, records or both, as OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN asks', async (t) => {
  const failing = Object.assign(new Error('no connection'), { code: 'ECONNREFUSED' });
  const thrown = { type: 'ECONNREFUSED', message: 'no connection', stacktrace: failing.stack };
  for (const [signal, events, inLogs] of [
    ['', 1, 0],
    ['logs', 0, 1],
    ['logs/dup', 1, 1],
    ['LOGS', 0, 1],
    ['none', 1, 0],
  ] as const)
    await t.test(signal || 'unset', async (t) => {
      const { receiver, records } = await start(t, {
        ...(signal && { OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: signal }),
      });
      const span = trace.getTracer('test').startSpan('work');
      recordFailure(span, failing);
      span.end();
      const found = await records();
      const [sent] = receiver.spans();
      t.equal(sent?.status, 2);
      t.equal(sent?.attributes['error.type'], 'ECONNREFUSED');
      t.equal(sent?.events.length, events);
      if (events) t.strictSame(exceptionOf(sent?.events[0]?.attributes ?? {}), thrown);
      t.equal(found.length, inLogs);
      if (inLogs) t.strictSame(exceptionOf(found[0]?.attributes ?? {}), thrown);
      const { traceId, spanId } = span.spanContext();
      if (inLogs) t.match(found[0], { traceId, spanId, severityNumber: 17, scope: '@tandem/telemetry' });
    });
});

t.test(
  'an exception that the service records by itself is a log record too; other events stay',
  async (t) => {
    const { receiver, records } = await start(t, { OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: 'logs' });
    const span = trace.getTracer('test').startSpan('work');
    span.addEvent('before');
    span.recordException(new RangeError('far'), Date.now() - 1_000);
    span.addEvent('after');
    span.end();
    const found = await records();
    t.match(found, [{ attributes: { 'exception.type': 'RangeError', 'exception.message': 'far' } }]);
    const [sent] = receiver.spans();
    t.strictSame(
      sent?.events.map(({ name }) => name),
      ['before', 'after'],
    );
  },
);

function exceptionOf(attributes: Readonly<Record<string, unknown>>) {
  const [type, message, stacktrace] = ['type', 'message', 'stacktrace'].map(
    (name) => attributes[`exception.${name}`],
  );
  return { type, message, stacktrace };
}

t.test('without log records, exceptions stay events, and one warning says so', async (t) => {
  const warnings: string[] = [];
  const warn = (_fields: object, message = '') => void warnings.push(message);
  const { receiver, telemetry } = await start(
    t,
    { OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: 'logs', OTEL_LOGS_EXPORTER: 'none' },
    { ...silent, warn },
  );
  const span = trace.getTracer('test').startSpan('work');
  recordFailure(span, new Error('broke'));
  span.end();
  await telemetry.flush();
  t.equal(receiver.spans()[0]?.events.length, 1);
  t.match(warnings, [/^OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN is logs, and no log records are sent/]);
});
