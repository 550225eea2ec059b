import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Intake } from '../../../src/core/receiver/intake.ts';
import { temporaryExplorer } from '../../explorer.ts';
import { callGrpc, LOGS, TRACES } from './call-grpc.ts';
import { start } from './grpc-receiver.ts';

/**
 * Bodies of calls by the default exporters of other languages, with no setting but the service's name; Go's wants to hear
 * that there is no TLS. Python: `logging` with the SDK's LoggingHandler; Go: `log/slog` with bridges/otelslog; Java: its
 * own logs API. Lines are what a record of each has to show, oldest first; the name is that of its span.
 */
const RECORDED = [
  {
    language: 'python',
    userAgent: 'OTel-OTLP-Exporter-Python/1.45.2 grpc-python/1.85.1',
    spans: ['GET /cart', 'load cart'],
    error: 'no such cart',
    lines: [
      [undefined, 'info', 'INFO', 'ready', { 'code.file.path': '/app/cart.py' }],
      ['load cart', 'debug', 'DEBUG', 'looking up cart:7', {}],
      ['load cart', 'warn', 'WARN', 'cache miss', { 'cache.key': 'cart:7', attempts: 2 }],
      [
        'load cart',
        'error',
        'ERROR',
        'no such cart',
        {
          'exception.type': 'KeyError',
          'exception.message': 'cart:7',
          'exception.stacktrace': /^Traceback .*\n {2}File "\/app\/cart\.py", line 44, in <module>\n/,
        },
      ],
      ['GET /cart', 'fatal', 'FATAL', '{"answered":500,"codes":[7,"x"]}', { 'code.line.number': 49 }],
    ],
  },
  {
    language: 'go',
    userAgent: 'OTel OTLP Exporter Go/1.47.0 grpc-go/1.83.2',
    spans: ['GET /cart', 'load cart'],
    error: 'no such cart',
    lines: [
      [undefined, 'info', 'INFO', 'ready', { 'code.function.name': 'main.main' }],
      ['load cart', 'debug', 'DEBUG', 'looking up', { key: 'cart:7' }],
      [
        'load cart',
        'warn',
        'WARN',
        'cache miss',
        { cache: { key: 'cart:7', attempts: 2 }, tags: ['a', 'b'] },
      ],
      [
        'load cart',
        'error',
        'ERROR',
        'no such cart',
        { 'exception.type': '*errors.errorString', 'exception.message': 'cart:7 is gone' },
      ],
      ['GET /cart', 'warn', 'WARN+2', 'answered', { status: 500 }],
    ],
  },
  {
    language: 'java',
    userAgent: 'OTel-OTLP-Exporter-Java/1.67.0',
    spans: ['POST /checkout', 'charge card'],
    error: 'card refused',
    lines: [
      ['charge card', 'info', 'INFO', 'charging 12.50', { attempt: 1 }],
      ['charge card', 'error', 'ERROR', '{"codes":[51,14],"reason":"card refused"}', {}],
    ],
  },
] as const;

for (const { language, userAgent, spans, error, lines } of RECORDED)
  t.test(`what ${language}’s default exporters send shows as spans, and as lines under them`, async (t) => {
    const { store, get, trace } = await temporaryExplorer(t);
    const { port } = await start(t, { intake: new Intake({ store }) });
    for (const [path, signal] of [
      [TRACES, 'traces'],
      [LOGS, 'logs'],
    ] as const) {
      const body = readFileSync(join(import.meta.dirname, 'fixtures', `${language}-${signal}.bin`));
      const answer = await callGrpc(port, body, { ':path': path, 'user-agent': userAgent });
      t.match(answer, { 'grpc-status': '0', text: '\0'.repeat(5) }, signal);
    }
    const service = `cart-${language}`;
    const { traces } = (await get('/api/traces')).body;
    t.match(traces, [{ root: { service, name: spans[0] } }]);
    t.equal(traces.length, 1);
    const [{ trace_id }] = traces;
    const rows: { span_id: string; name: string }[] = (await trace(trace_id)).spans;
    t.match(rows, [
      { name: spans[0], kind: 'server', depth: 0, error: undefined },
      { name: spans[1], depth: 1, error: true, status_message: error, events: 1 },
    ]);
    const named = (name: string | undefined) => rows.find((row) => row.name === name)?.span_id;
    const expected = lines.map(([span, severity, severity_text, body, attributes]) => ({
      ...(span !== undefined && { trace_id, span_id: named(span) }),
      service,
      severity,
      severity_text,
      body,
      attributes,
    }));
    const { logs } = (await get('/api/logs')).body;
    t.match(logs, expected.toReversed());
    t.equal(logs.length, lines.length);
    const ofTrace = expected.filter((each) => 'trace_id' in each);
    t.match(
      (await get(`/api/logs?trace_id=${trace_id}&order=oldest`)).body.logs,
      ofTrace,
      'in the order of time',
    );
  });
