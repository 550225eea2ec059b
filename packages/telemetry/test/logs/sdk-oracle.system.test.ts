import { context, INVALID_SPAN_CONTEXT, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { LoggerProvider as Loggers, LogRecord } from '@opentelemetry/api-logs';
import { logs, SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import type { OtlpReceiver } from '@tandem/otlp/testing';
import { LogsRequest, startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { sameLarge } from '../../../../test/helpers/same-large.ts';
import { takeLogRecords } from '../../src/api-logs/index.ts';
import { createResource } from '../../src/resource.ts';
import { start } from './start.ts';

takeLogRecords();

/** What a caller may do; the same with OpenTelemetry's SDK and with ours. */
type Calls = (loggers: Pick<Loggers, 'getLogger'>) => void;

/** A sent record, with its resource and scope. */
interface Sent {
  readonly resource: unknown;
  readonly scope: unknown;
  readonly schemaUrl: string;
  readonly record: Readonly<Record<string, unknown>> & {
    readonly timeUnixNano: string;
    readonly observedTimeUnixNano: string;
  };
}

function sentTo(receiver: OtlpReceiver): Sent[] {
  const options = { longs: String, bytes: String, defaults: true, oneofs: true };
  return receiver.logRequests
    .flatMap(({ body }) => LogsRequest.toObject(LogsRequest.decode(body), options).resourceLogs)
    .flatMap(({ resource, scopeLogs }) =>
      scopeLogs.flatMap(({ scope, schemaUrl, logRecords }: { logRecords: Sent['record'][] } & Sent) =>
        logRecords.map((record) => ({ resource, scope, schemaUrl, record })),
      ),
    )
    .sort((a, b) => (JSON.stringify(a.scope) < JSON.stringify(b.scope) ? -1 : 1));
}

const now = () => BigInt(Date.now()) * 1_000_000n;

/** Replaces times that no caller gave: two clocks read the time of a call differently. */
function withoutClock(sent: readonly Sent[], since: bigint): unknown[] {
  const told = (time: string) =>
    BigInt(time) >= since - 60_000_000_000n && BigInt(time) <= now() + 60_000_000_000n ? 'now' : time;
  return sent.map(({ record, ...around }) => ({
    ...around,
    record: {
      ...record,
      timeUnixNano: told(record.timeUnixNano),
      observedTimeUnixNano: told(record.observedTimeUnixNano),
    },
  }));
}

/** Both side by side. @returns the sent records of the same calls: theirs, then ours */
async function startBoth(
  t: Parameters<typeof start>[0],
  environment: Record<string, string> = {},
  logRecordLimits = {},
): Promise<(calls: Calls) => Promise<[unknown[], unknown[]]>> {
  const { receiver: ours, telemetry } = await start(t, {
    OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=one,team=cart', // the instance's own is random
    ...environment,
  });
  const theirs = await startOtlpReceiver();
  const exporter = new OTLPLogExporter({ url: `${theirs.url}/v1/logs` });
  const provider = new LoggerProvider({
    resource: createResource(telemetry.settings),
    processors: [new BatchLogRecordProcessor({ exporter })],
    logRecordLimits,
  });
  t.teardown(() => provider.shutdown().then(theirs.close));
  return async (calls) => {
    for (const receiver of [theirs, ours]) receiver.reset();
    const since = now();
    calls(provider);
    calls(logs);
    await Promise.all([provider.forceFlush(), telemetry.flush()]);
    return [withoutClock(sentTo(theirs), since), withoutClock(sentTo(ours), since)];
  };
}

const emitting =
  (...records: readonly LogRecord[]): Calls =>
  (loggers) => {
    for (const record of records) loggers.getLogger('oracle', '1.2.3').emit(record);
  };

const VALUES: readonly LogRecord['body'][] = [
  'text',
  '',
  'ä😀',
  0,
  -7,
  2 ** 53 + 2,
  -(2 ** 63),
  2 ** 63,
  0.5,
  Number.NaN,
  Number.NEGATIVE_INFINITY,
  true,
  false,
  null,
  undefined,
  new Uint8Array([0, 255, 7]),
  Buffer.from('bytes'),
  [],
  {},
  [1, 'mixed', null, undefined, [true, [0.5]], { in: 'list' }],
  {
    map: { of: { maps: [1, { two: 2 }] } },
    empty: null,
    bytes: new Uint8Array([1]),
    '': 'unnamed',
  },
  Object.assign(Object.create(null), { no: 'prototype' }),
];

/** An attribute that is undefined is an empty value in theirs, and none in ours. */
const SET = VALUES.filter((value) => value !== undefined);

t.test('the same calls are the same records', async (t) => {
  const send = await startBoth(t);

  t.test('values of every kind, as body and as attribute', async (t) => {
    const [theirs, ours] = await send(
      emitting(...VALUES.map((body) => ({ body })), ...SET.map((value) => ({ attributes: { value } })), {
        attributes: Object.fromEntries(SET.map((value, index) => [`value ${index}`, value])),
      }),
    );
    sameLarge(t, ours, theirs, 'ours as theirs');
    t.equal(ours.length, VALUES.length + SET.length + 1);
  });

  t.test('times, severities, event names', async (t) => {
    const times = [new Date(1_700_000_000_123), 1_700_000_000_456, [1_700_000_000, 123_456_789]] as const;
    const [theirs, ours] = await send(
      emitting(
        {},
        ...times.map((time) => ({
          timestamp: time as [number, number],
          observedTimestamp: new Date(1_800_000_000_000),
        })),
        ...times.map((time) => ({ timestamp: time as [number, number] })),
        ...Object.values(SeverityNumber)
          .filter((each) => typeof each === 'number')
          .map((severityNumber) => ({ severityNumber, severityText: `level ${severityNumber}` })),
        { severityText: '', eventName: '' },
        { eventName: 'cart.emptied', body: { 'cart.id': 7 } },
      ),
    );
    sameLarge(t, ours, theirs, 'ours as theirs');
  });

  t.test('the active span, a given span (sampled, unsampled, remote), and none', async (t) => {
    const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
    const contexts = [0, 1, 3].map((traceFlags) =>
      trace.setSpanContext(ROOT_CONTEXT, { ...ids, traceFlags, isRemote: true }),
    );
    const [theirs, ours] = await send((loggers) => {
      const logger = loggers.getLogger('oracle');
      for (const each of contexts) {
        logger.emit({ body: 'given', context: each });
        context.with(each, () => logger.emit({ body: 'active' }));
        context.with(each, () => logger.emit({ body: 'given none', context: ROOT_CONTEXT }));
      }
      logger.emit({ body: 'invalid', context: trace.setSpanContext(ROOT_CONTEXT, INVALID_SPAN_CONTEXT) });
    });
    sameLarge(t, ours, theirs, 'ours as theirs');
    t.match(ours[3], { record: { body: { stringValue: 'given' }, flags: 1 } });
  });

  t.test("exceptions, beside the caller's own exception attributes", async (t) => {
    const error = new TypeError('no');
    const [theirs, ours] = await send(
      emitting(
        { exception: error },
        { exception: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) },
        { exception: 'thrown text' },
        { exception: 42 },
        { exception: { name: 'Refused', message: 'no error' } },
        { exception: {} },
        { exception: error, attributes: { 'exception.message': 'said otherwise', first: 1 } },
      ),
    );
    sameLarge(t, ours, theirs, 'ours as theirs');
  });

  t.test('illegal values are left out', async (t) => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const odd = {
      date: new Date(0),
      map: new Map(),
      call: () => {},
      big: 7n,
      error: new Error('x'),
      symbol: Symbol('x'),
    };
    const attributes = { circular, ...odd, nested: { odd: { ...odd } }, list: [7n], '': 'unnamed', good: 1 };
    const [theirs, ours] = await send(emitting({ body: 'odd', attributes: attributes as never }));
    sameLarge(t, ours, theirs, 'ours as theirs');
    t.match(ours, [{ record: { attributes: [{ key: 'good' }], droppedAttributesCount: 0 } }]);
  });

  t.test('later changes of the caller do not change the record', async (t) => {
    const [theirs, ours] = await send((loggers) => {
      const attributes = { list: [1], map: { deep: { a: 1 } } };
      loggers.getLogger('oracle').emit({ attributes });
      attributes.list.push(2);
      attributes.map.deep.a = 2;
    });
    sameLarge(t, ours, theirs, 'ours as theirs');
  });

  t.test('loggers by name, version, schema and attributes', async (t) => {
    const [theirs, ours] = await send((loggers) => {
      const emit = (...args: Parameters<Loggers['getLogger']>) =>
        loggers.getLogger(...args).emit({ body: 'x' });
      emit('named');
      emit('named', '1.0.0');
      emit('named', '1.0.0', { schemaUrl: 'https://opentelemetry.io/schemas/1.40.0' });
      emit('other', undefined, { attributes: { team: 'cart', nested: { a: [1] } } });
      emit('other', undefined, { attributes: { team: 'checkout' } });
      emit('');
    });
    sameLarge(t, ours, theirs, 'ours as theirs');
    t.equal(ours.length, 6);
  });

  t.test(
    'an observed time alone is when it happened, too; the SDK has the time of the call for that',
    async (t) => {
      const [theirs, ours] = await send(emitting({ observedTimestamp: new Date(1_700_000_000_000) }));
      t.match(theirs, [{ record: { timeUnixNano: 'now', observedTimeUnixNano: '1700000000000000000' } }]);
      t.match(ours, [
        { record: { timeUnixNano: '1700000000000000000', observedTimeUnixNano: '1700000000000000000' } },
      ]);
    },
  );

  t.test('as many attributes as the SDK takes', async (t) => {
    const many = Object.fromEntries(Array.from({ length: 130 }, (_, index) => [`a${index}`, index]));
    const [theirs, ours] = await send(emitting({ attributes: many }));
    sameLarge(t, ours, theirs, 'ours as theirs');
  });
});

t.test('limits, with the count of dropped attributes', async (t) => {
  const long = 'longer than five';
  const send = await startBoth(
    t,
    { OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '3', OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: '5' },
    { attributeCountLimit: 3, attributeValueLengthLimit: 5 },
  );
  const [theirs, ours] = await send(
    emitting(
      {
        body: long,
        attributes: { text: long, list: [long, 7], map: { a: long, b: { c: long } }, fourth: 4, fifth: 5 },
        exception: new Error(long),
      },
      { attributes: { bytes: new Uint8Array(10), emoji: '😀😀😀' } },
    ),
  );
  sameLarge(t, ours, theirs, 'ours as theirs');
  t.match(ours[0], { record: { droppedAttributesCount: 5 } });
});
