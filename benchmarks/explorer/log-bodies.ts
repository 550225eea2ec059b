import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { attributesOf, encodeLogRecord, encodeLogs, ValueKind } from '@tandem/otlp';
import { senderOf } from '../lib/sender.ts';

const LEVELS = [5, 9, 9, 9, 9, 9, 13, 17];
const MESSAGES = [
  'request completed',
  'activities read',
  'author looked up',
  'cache missed',
  'payment refused',
];

/**
 * A gzipped protobuf export of log records as a service writes them with pino: five fields, three lines per span.
 * @param mark what each message begins with
 */
export function logsBody(count: number, mark = ''): Buffer {
  let [traceId, spanId] = ['', ''];
  const logRecords = Array.from({ length: count }, (_, index) => {
    if (index % 3 === 0)
      [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
    const time = BigInt(Date.now()) * 1_000_000n + BigInt(index);
    const body = `${mark}${MESSAGES[index % MESSAGES.length]} for ${Math.floor(Math.random() * 100_000)} after ${index} ms`;
    const record = {
      timeUnixNano: time,
      observedTimeUnixNano: time,
      severityNumber: LEVELS[index % LEVELS.length] ?? 9,
      severityText: 'INFO',
      body: { key: '', kind: ValueKind.string, value: body },
      attributes: attributesOf({
        'http.route': '/api/activities/home',
        'user.id': `user-${index % 50}`,
        'app.rows': index,
        reqId: `req-${index}`,
        'response.time_ms': index / 7,
      }),
      droppedAttributesCount: 0,
      flags: 1,
      traceId,
      spanId,
      eventName: '',
    };
    return { ...record, raw: encodeLogRecord(record) };
  });
  const encoded = encodeLogs({
    scopeLogs: [
      {
        ...senderOf({ 'service.name': 'activities-api', 'host.name': 'localhost' }, 'pino'),
        logRecords,
      },
    ],
  });
  return gzipSync(encoded, { level: 1 });
}
