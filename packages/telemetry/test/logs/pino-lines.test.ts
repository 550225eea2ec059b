import { hostname } from 'node:os';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { generator, LogsRequest } from '@tandem/otlp/testing';
import pino from 'pino';
import t from 'tap';
import { sameLarge } from '../../../../test/helpers/same-large.ts';
import { LOG_FORMAT } from '../../src/logger.ts';
import type { LogEntry } from '../../src/logs/log-record.ts';
import { hearPinoLines } from '../../src/logs/pino-lines.ts';
import { TraceClock } from '../../src/sdk/clock.ts';
import { BatchBuilder } from '../../src/wire/batch.ts';
import { logRecordEncoder } from '../../src/wire/encode-log.ts';

const LIMITS = { attributeCountLimit: 6, attributeValueLengthLimit: Number.POSITIVE_INFINITY };

/** What the oracle reads in a request with these entries. */
function decoded(entries: readonly LogEntry[]): unknown {
  const builder = new BatchBuilder(logRecordEncoder({ limits: LIMITS, isRedacted: undefined }));
  for (const entry of entries) builder.add(entry);
  return LogsRequest.toObject(LogsRequest.decode(builder.take()?.body ?? new Uint8Array()), {
    longs: String,
  });
}

/** Runs code with a list that gets an entry for each line it writes. */
function heard(write: () => void): LogEntry[] {
  const entries: LogEntry[] = [];
  const resource = resourceFromAttributes({ 'process.pid': process.pid, 'host.name': hostname() });
  const stop = hearPinoLines((entry) => entries.push(entry), { resource, clock: new TraceClock() });
  write();
  stop();
  return entries;
}

/** As entries that have to be read. */
function readOnly(entries: readonly LogEntry[]): LogEntry[] {
  return entries.map((entry) => ({
    resource: entry.resource,
    instrumentationScope: entry.instrumentationScope,
    read: () => entry.read(),
  }));
}

const nowhere = { write() {} };
const ids = () => {
  const spanContext = trace.getActiveSpan()?.spanContext();
  return spanContext === undefined ? {} : { trace_id: spanContext.traceId, span_id: spanContext.spanId };
};

t.before(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
t.teardown(() => context.disable());

t.test('lines in any order, copied or read, are the same records', (t) => {
  for (let seed = 1; seed <= 40; seed++) {
    const { pick, integer, text } = generator(seed);
    let time = 9_998;
    const timestamp = () => `,"time":${time}`;
    const levels = { formatters: { level: (_label: string, level: number) => ({ level: level * 10 }) } };
    const roots = [
      pino({ mixin: ids, timestamp }, nowhere),
      pino({ ...LOG_FORMAT, timestamp }, nowhere),
      pino({ base: null, timestamp }, nowhere),
      pino({ mixin: ids, timestamp: false }, nowhere),
      pino({ timestamp, messageKey: 'message', nestedKey: 'nested', base: { pid: 7 } }, nowhere),
      pino({ ...levels, timestamp, mixin: ids }, nowhere),
      pino({ timestamp, mixin: () => ({ ...ids(), trace_flags: integer(0, 12) }) }, nowhere),
    ];
    const fields = (): object =>
      pick([
        {},
        { rows: integer(-3, 200), text: text() },
        { took: integer(-900, 900) / 8, nested: { a: [text(), integer(0, 9) / 3] } },
        { level: 30, msg: text() },
        { time: integer(0, 9) },
        { reqId: text(), trace_id: text() },
        { err: new Error('failed') },
        { a: 1, b: 2, c: 3, d: null, e: 4, f: 5, g: 6 },
      ]);
    const entries = heard(() => {
      for (let request = 0; request < 12; request++) {
        const spanContext = {
          traceId: '0af7651916cd43dd8448eb211c80319c',
          spanId: `b7ad6b716920333${integer(1, 3)}`,
          traceFlags: integer(0, 2),
        };
        const logger = pick(roots).child(
          pick<object>([
            { reqId: text() },
            { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, h: 7 },
            {},
            { trace_id: '1af7651916cd43dd8448eb211c80319c', span_id: 'c7ad6b7169203331' },
          ]),
        );
        for (let line = integer(1, 8); line > 0; line--) {
          const active = integer(0, 4) > 0 ? trace.setSpanContext(ROOT_CONTEXT, spanContext) : ROOT_CONTEXT;
          context.with(active, () => {
            time += integer(0, 2);
            if (integer(0, 12) === 0) logger.setBindings({ user: text() });
            const level = pick(['info', 'info', 'warn', 'error'] as const);
            if (integer(0, 4) === 0) logger[level](fields());
            else logger[level](fields(), text());
          });
        }
      }
    });
    sameLarge(t, decoded(entries), decoded(readOnly(entries)), `seed ${seed}`);
  }
  t.end();
});

t.test('what lines begin with in common is looked at once', (t) => {
  const logger = pino({ mixin: ids }, nowhere).child({ reqId: 'req-1' });
  const asked: string[] = [];
  const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
  const entries = heard(() => {
    context.with(trace.setSpanContext(ROOT_CONTEXT, span), () => {
      logger.info('first');
      logger.warn({ rows: 1 }, 'second');
      logger.info({ bytes: 2 }, 'third');
    });
  });
  for (const entry of entries) {
    const written = entry.written?.();
    const useOf = written?.useOf.bind(written);
    if (written && useOf)
      written.useOf = (name, value) => {
        asked.push(name);
        return useOf(name, value);
      };
  }
  t.match(decoded(entries), { resourceLogs: [{ scopeLogs: [{ logRecords: { length: 3 } }] }] });
  t.strictSame(asked.slice(asked.indexOf('msg') + 1), ['rows', 'msg', 'bytes', 'msg']);
  t.end();
});
