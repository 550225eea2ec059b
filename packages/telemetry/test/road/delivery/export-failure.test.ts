import { OTLPExporterError } from '@opentelemetry/otlp-exporter-base';
import { encodeRpcStatus, RpcCode } from '@tandem/otlp';
import t from 'tap';
import { logSafeText, logSafeUrl } from '../../../src/process/secrets/secrets.ts';
import { failureOfError, failureOfExport } from '../../../src/road/delivery/export-failure.ts';
import { CLASSIC_KEY, CONFIGURATION_KEY, INGEST_KEY } from '../../service/doctor/honeycomb/fake-honeycomb.ts';

const url = 'http://localhost:4318/v1/traces';

function codedError(code: string, options?: ErrorOptions): Error {
  return Object.assign(new Error(`failed with ${code}`, options), { code });
}

/** The failure for an answer to the official exporter. */
function failureOfAnswer(status: number, body: string | Uint8Array = '') {
  const error = new OTLPExporterError('words of the status', status, body.toString());
  return failureOfExport(url, error, 'traces');
}

t.test('a status tells the cause, and the body tells why', async (t) => {
  for (const [cause, statuses] of Object.entries({
    unauthorized: [401, 403, 407],
    'not-found': [404, 405],
    timeout: [408],
    'too-large': [413],
    overloaded: [429, 500, 503, 520],
    rejected: [400, 422, 501, 505],
    'wrong-form': [415],
    redirected: [301],
  }))
    for (const status of statuses) {
      t.strictSame(failureOfAnswer(status, '{"message":"why"}'), { url, cause, status, detail: 'why' });
      t.strictSame(failureOfAnswer(status), { url, cause, status });
    }
});

t.test(
  'a path that takes no log records is a backend of traces only, unless it is there twice',
  async (t) => {
    const error = new OTLPExporterError('words of the status', 404, '');
    const causeAt = (base: string) => failureOfExport(`${base}/v1/logs`, error, 'logs').cause;
    for (const base of ['http://localhost:4318', 'https://backend.example/otlp', 'http://localhost/v1'])
      t.equal(causeAt(base), 'traces-only', base);
    for (const path of ['/v1/traces', '/v1/logs', '/v1/metrics', '/otlp/v1/traces'])
      t.equal(causeAt(`http://localhost:4318${path}`), 'not-found', path);
  },
);

t.test('of an answer in protobuf the message is read, not its bytes', async (t) => {
  const texts = ['no key', 'the key is not one of this environment!!', 'x'.repeat(200)];
  for (const message of texts)
    for (const code of [RpcCode.permissionDenied, RpcCode.ok]) {
      const body = encodeRpcStatus({ code, message }, 'protobuf');
      t.equal(logSafeText(failureOfAnswer(403, Buffer.from(body)).detail ?? ''), logSafeText(message));
    }
});

t.test('an error without an answer keeps its words; a TimeoutError is a time-out', async (t) => {
  t.strictSame(failureOfError(url, codedError('ECONNREFUSED')), {
    url,
    cause: 'unreachable',
    detail: 'failed with ECONNREFUSED',
  });
  // A failed connection to localhost has two errors: for ::1 and for 127.0.0.1.
  const both = new AggregateError([codedError('ECONNREFUSED'), codedError('ECONNREFUSED')]);
  t.equal(failureOfError(url, both).detail, 'failed with ECONNREFUSED');
  t.equal(failureOfError(url, codedError('ETIMEDOUT')).cause, 'timeout');
  const { reason } = AbortSignal.abort(new DOMException('x', 'TimeoutError'));
  t.equal(failureOfError(url, reason).cause, 'timeout');
});

t.test('the reason is found in the bodies of backends', async (t) => {
  const detail = (body: string | Uint8Array | undefined) => failureOfAnswer(400, body).detail;
  t.equal(detail('{"error":"unknown API key"}'), 'unknown API key');
  t.equal(detail('{"status":429,"title":"limited","detail":"try later"}'), 'try later');
  t.equal(detail(Buffer.from('plain words')), 'plain words');
  t.equal(detail('<!doctype html><p>nginx'), undefined);
  t.equal(detail('{"error":{"nested":true}}'), undefined);
  for (const nothing of ['', ' ', undefined]) t.equal(detail(nothing), undefined);
});

t.test('any thrown value is a failure', async (t) => {
  for (const thrown of [undefined, null, 0, '', {}, [], new Error()])
    t.equal(failureOfError(url, thrown).cause, 'unreachable');
  t.match(failureOfError(url, 'words'), { cause: 'unreachable', detail: 'words' });
});

t.test('of an answer that the exporter repeats, it tells nothing but that', async (t) => {
  const error = new OTLPExporterError('Export failed with retryable status');
  t.strictSame(failureOfExport(url, error, 'traces'), { url, cause: 'overloaded' });
  t.match(failureOfExport(url, new Error('Request timed out'), 'traces'), { cause: 'timeout' });
});

t.test('credentials, query values and keys do not show in a URL; the rest does', async (t) => {
  t.equal(
    logSafeUrl(`https://me:secret@collector.example:4318/v1/traces?token=abc&token=def&x=1#frag`),
    'https://REDACTED@collector.example:4318/v1/traces?REDACTED',
  );
  t.equal(logSafeUrl(`http://host/${INGEST_KEY}/v1/traces`), 'http://host/REDACTED/v1/traces');
  t.equal(logSafeUrl('http://host/tenant-7/v1/traces', ['tenant-7']), 'http://host/REDACTED/v1/traces');
  t.equal(logSafeUrl('https://api.honeycomb.io/v1/traces'), 'https://api.honeycomb.io/v1/traces');
  t.equal(logSafeUrl('http://[::1]:4318/v1/traces'), 'http://[::1]:4318/v1/traces');
  t.equal(logSafeUrl(`no url ${CLASSIC_KEY}`), 'no url REDACTED');
});

t.test('every form of key is taken out of a text, and so are secrets of any form', async (t) => {
  const text = `a ${INGEST_KEY}, ${CONFIGURATION_KEY}; ${CLASSIC_KEY}: hcamk_ab:cd and s3cr3t.`;
  t.equal(logSafeText(text, ['s3cr3t', '']), 'a REDACTED, REDACTED; REDACTED: REDACTED and REDACTED.');
});

t.test('a foreign text stays one line of bounded length', async (t) => {
  t.equal(logSafeText('\u0008\u0011message\r\n\u001b[31mred\u2028end\u0000'), 'message [31mred end');
  t.equal(logSafeText('ä '.repeat(10_000)).length, 200);
});
