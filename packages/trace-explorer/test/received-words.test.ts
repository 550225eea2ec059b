import t from 'tap';
import { at, ids, temporaryExplorer } from './explorer.ts';
import { storeLogs, storeSpans } from './spans.ts';

/** What every object of JavaScript has. A table that is indexed by a sender's word finds these, too. */
const WORDS = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__proto__'];
const id = ids();

t.test('words that every object has are data wherever a sender puts them', async (t) => {
  const { store, app, get } = await temporaryExplorer(t);
  const right = {
    traceId: id('right', 16),
    spanId: id('right'),
    service: 'right',
    start: at(0),
    durationMs: 9,
  };
  await storeSpans(store, [
    right,
    ...WORDS.flatMap((word) => {
      const resource = {
        'service.instance.id': word,
        'telemetry.sdk.name': 'opentelemetry',
        'telemetry.sdk.language': word,
        'telemetry.sdk.version': '1',
        'process.runtime.version': '1',
        'service.version': word,
        'deployment.environment.name': word,
        [word]: word,
      };
      const [traceId, spanId] = [id(word, 16), id(word)];
      const both = { traceId, service: word, name: word, resource, start: at(1), durationMs: 5 };
      const attributes = {
        [word]: word,
        'http.request.method': word,
        'http.route': word,
        'url.full': `http://${word}/${word}`,
        'server.address': word,
        'db.system.name': word,
        'gen_ai.operation.name': word,
        'error.type': word,
        'http.response.status_code': word,
      };
      const events = [
        { name: 'exception', attributes: { 'exception.type': word, 'exception.message': word } },
      ];
      return [
        { ...both, spanId, kind: 2, attributes, statusCode: 2, statusMessage: word, events },
        { ...both, spanId: id(`${word} call`), parentSpanId: spanId, kind: 3, attributes },
      ];
    }),
  ]);
  await storeLogs(
    store,
    WORDS.map((word) => ({
      ...{ service: word, traceId: id(word, 16), spanId: id(word), time: at(2), body: word },
      ...{ severityText: word, eventName: word, attributes: { [word]: word } },
    })),
  );
  const urls = [
    ...['verify', 'overview', 'causes', 'map', 'traces', 'fields', 'services/colors', 'status'],
    ...['logs', 'logs/density', 'runs', 'export', 'logs/export'],
    ...WORDS.flatMap((word) => {
      const [trace, span] = [id(word, 16), id(word)];
      const ofSpan = ['otlp', 'honeycomb'].map((form) => `traces/${trace}/spans/${span}?form=${form}`);
      const alone = ['verify', 'causes', 'traces', 'logs'].map((each) => `${each}?service=${word}`);
      return [`traces/${trace}/outline`, `traces/${trace}/fields`, ...ofSpan, ...alone];
    }),
  ];
  for (const url of urls) {
    const { statusCode, body } = await app.inject(`/api/${url}`);
    t.equal(statusCode, 200, url);
    t.notMatch(body, /native code|\[object /, url);
  }
  const services: { service: string; spans: number }[] = (await get('/api/verify')).body.services;
  t.strictSame(services.map(({ service }) => service).sort(), [...WORDS, 'right'].sort());
});
