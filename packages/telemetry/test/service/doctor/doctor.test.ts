import type { RequestListener } from 'node:http';
import { createServer } from 'node:http';
import type { Test } from 'tap';
import t from 'tap';
import { freePort } from '../../../../../scripts/lib/free-port.ts';
import { describeOldNode } from '../../../src/beside/api-versions.ts';
import type { Destination } from '../../../src/process/settings/destinations.ts';
import { examineNode } from '../../../src/service/doctor/examine-node.ts';
import { examineDestination, examineSettings, startSelfTest } from '../../../src/service/doctor/index.ts';
import { startReceiver } from '../../receiver.ts';
import { serve } from '../../serve.ts';

t.test('a Node older than 22.15 is named, with the oldest Node that fits', async (t) => {
  for (const version of ['22.15.0', '22.23.3', '24.0.0', '26.10.0'])
    t.equal(describeOldNode(version), undefined);
  for (const version of ['20.20.2', '22.14.0']) t.match(describeOldNode(version), /older than 22\.15/);
});

t.test('a Node with published holes is a warning that names the patched ones', async (t) => {
  for (const version of ['22.23.3', '24.21.0', '24.22.0', '25.9.0', '26.12.0'])
    t.match(examineNode(version), { level: 'warning', what: /24\.22\.1/ }, version);
  for (const version of ['22.23.4', '24.22.1', '24.30.0', '26.12.1', '27.0.0'])
    t.match(examineNode(version), { level: 'ok' }, version);
});

t.test('settings', async (t) => {
  const SERVICE = { OTEL_SERVICE_NAME: 'orders' };

  /** Findings that are no `ok`, as `level what → fix`. */
  function remarks(environment: Readonly<Record<string, string>>): string[] {
    const { findings } = examineSettings({ ...SERVICE, ...environment });
    return findings
      .filter(({ level }) => level !== 'ok')
      .map(({ level, what, fix }) => `${level} ${what} → ${fix}`);
  }

  t.test('defaults: the settings in effect, and nothing to do', async (t) => {
    const { findings, settings } = examineSettings(SERVICE);
    t.match(findings, [
      { check: 'settings', level: 'ok', what: /spans go to http:\/\/localhost:4318\/v1\/traces/ },
    ]);
    t.equal(findings.length, 1);
    t.equal(settings?.service.name, 'orders');
  });

  for (const [name, environment, expected] of [
    [
      'a value of our own variables that cannot be',
      { TRACE_FASTIFY_LIFECYCLE: 'yes' },
      /^warning TRACE_FASTIFY_LIFECYCLE must be true or false, not "yes"\. .* → Correct or unset TRACE_FASTIFY_LIFECYCLE\.$/,
    ],
    [
      'a value of OTEL_* that is not followed',
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      /^warning OTEL_EXPORTER_OTLP_PROTOCOL must be one of http\/protobuf, not "grpc"\. .* → Correct or unset OTEL_EXPORTER_OTLP_PROTOCOL\.$/,
    ],
    [
      'no spans',
      { OTEL_SDK_DISABLED: 'true' },
      /^problem OTEL_SDK_DISABLED=true.* → Unset OTEL_SDK_DISABLED\.$/,
    ],
    ['no exporter', { OTEL_TRACES_EXPORTER: 'console' }, /^problem OTEL_TRACES_EXPORTER has no otlp/],
    [
      'propagators without a trace',
      { OTEL_PROPAGATORS: 'baggage' },
      /^warning OTEL_PROPAGATORS=baggage .* → .*tracecontext/,
    ],
    ['no propagators', { OTEL_PROPAGATORS: 'none' }, /^warning OTEL_PROPAGATORS=none /],
    [
      'a sampler that keeps nothing',
      { OTEL_TRACES_SAMPLER: 'parentbased_always_off' },
      /^problem OTEL_TRACES_SAMPLER=parentbased_always_off/,
    ],
    [
      'a sampler that keeps a part',
      { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' },
      /^note traceidratio 0\.1: a request without a trace/,
    ],
  ] as const) {
    t.test(`${name}: one finding, with its fix`, async (t) => {
      t.match(remarks(environment), [expected]);
      t.equal(remarks(environment).length, 1);
    });
  }

  t.test('a key in headers or a URL is in no finding', async (t) => {
    const key = `hcaik_${'s3cr3tabcd'.repeat(6).slice(0, 58)}`;
    const { findings } = examineSettings({
      ...SERVICE,
      OTEL_EXPORTER_OTLP_HEADERS: `x-honeycomb-team=${key}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: `https://user:${key}@collector.example/?token=${key}`,
    });
    t.match(JSON.stringify(findings), 'OTEL_EXPORTER_OTLP_HEADERS', 'the variable is named');
    t.notMatch(JSON.stringify(findings), key);
  });
});

t.test('destinations', async (t) => {
  const KEY = `hcaik_${'0a1b2c3d4e'.repeat(5)}f6g7h8i9`;

  function destinationAt(url: string): Destination {
    const headers = { 'x-honeycomb-team': KEY };
    return { name: 'otlp', url, headers, timeoutMs: 10_000, compression: 'none', tls: {} };
  }

  async function urlOf(t: Test, listener: RequestListener): Promise<string> {
    return `http://127.0.0.1:${await serve(t, createServer(listener))}/v1/traces`;
  }

  t.test("a refused key is a problem with the backend's words, without the key", async (t) => {
    const url = await urlOf(t, (request, response) => {
      request.resume();
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: `unknown key ${request.headers['x-honeycomb-team']}` }));
    });
    const [endpoint] = await examineDestination(destinationAt(url));
    t.match(endpoint, {
      level: 'problem',
      what: /401, it refused the key \("unknown key REDACTED"\)\.$/,
      fix: /^Check HONEYCOMB_API_KEY/,
    });
    t.notMatch(JSON.stringify(endpoint), KEY);
  });

  t.test("the clock is compared with the answer's Date, and the key is not sent for that", async (t) => {
    const seen: unknown[] = [];
    let offsetMs = 0;
    const url = await urlOf(t, (request, response) => {
      request.resume();
      if (request.method === 'HEAD') seen.push(request.headers['x-honeycomb-team']);
      response.setHeader('date', new Date(Date.now() + offsetMs).toUTCString());
      response.end();
    });
    const clockAt = async (difference: number) => {
      offsetMs = difference;
      const findings = await examineDestination(destinationAt(url));
      return findings.find(({ check }) => check === 'clock');
    };
    t.match(await clockAt(0), { level: 'ok' });
    t.match(await clockAt(60_000), {
      level: 'warning',
      what: /clock is [56]\d\.\d s behind that of/,
      fix: /clock/,
    });
    t.match(await clockAt(-60_000), { level: 'warning', what: /clock is [56]\d\.\d s ahead of that of/ });
    t.match(await clockAt(3_600_000), { level: 'problem' });
    t.strictSame(seen, [undefined, undefined, undefined, undefined]);
  });

  t.test('a self-test span goes to every destination, and its headers continue its trace', async (t) => {
    const receiver = await startReceiver(t);
    const { settings } = examineSettings({
      OTEL_SERVICE_NAME: 'orders',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      HONEYCOMB_API_KEY: KEY,
      HONEYCOMB_API_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
    });
    if (settings === undefined) return t.fail('the settings can be read');
    const test = startSelfTest(settings, 'doctor');
    t.match(test.headers.traceparent, new RegExp(`^00-${test.traceId}-[0-9a-f]{16}-03$`));
    const answers = await test.deliver('the API did not answer');
    t.match(answers, [
      { level: 'ok', what: /took the span/ },
      { level: 'problem', what: /no connection/ },
    ]);
    t.match(receiver.spans(), [
      { name: 'self-test', traceId: test.traceId, parentSpanId: '', service: 'doctor' },
    ]);
    t.equal(receiver.spans()[0]?.spanId, test.headers.traceparent?.split('-')[2]);
  });

  t.test('what an accepted request is answered decides whether the span is said to be there', async (t) => {
    const BROKEN = { level: 'problem', what: /a web page answers there, .*"HTML: Sign in"/, fix: /receiver/ };
    for (const [body, endpoint, span] of [
      ['', { level: 'ok', what: /answers OTLP/ }, { level: 'ok', what: /took the span/ }],
      ['{}', { level: 'ok' }, { level: 'ok', what: /took the span/ }],
      // partial_success { rejected_spans: 1, error_message: "no" }
      [
        Uint8Array.of(0x0a, 6, 0x08, 1, 0x12, 2, 0x6e, 0x6f),
        { level: 'problem' },
        { level: 'problem', what: /it rejected part of the batch \("no"\)/ },
      ],
      // partial_success { error_message: "no" }
      [
        Uint8Array.of(0x0a, 4, 0x12, 2, 0x6e, 0x6f),
        { level: 'warning' },
        { level: 'warning', what: /took all, with a warning \("no"\)/ },
      ],
      [
        'ok',
        { level: 'warning', what: /not as OTLP does/ },
        { level: 'warning', what: /not as OTLP does \("ok"\)/ },
      ],
      ['<!doctype html><title>Sign in</title>', BROKEN, BROKEN],
    ] as const) {
      const receiver = await startReceiver(t, { status: 200, body });
      const { settings } = examineSettings({
        OTEL_SERVICE_NAME: 'orders',
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      });
      const [found] = await examineDestination(destinationAt(receiver.tracesUrl));
      t.match(found, { check: 'endpoint', ...endpoint }, String(body));
      const [delivered] = await startSelfTest(settings, 'doctor').deliver();
      t.match(delivered, { check: 'self-test', ...span }, String(body));
    }
  });
});
