import { createServer } from 'node:http';
import type { Test } from 'tap';
import t from 'tap';
import { renderMetrics } from '../../../../service-kit/src/server/metrics.ts';
import { examineService } from '../../../src/service/doctor/examine-service.ts';
import { serve } from '../../serve.ts';

const NOTHING = {
  queue_full: 0,
  spool_full: 0,
  spool_damaged: 0,
  rejected: 0,
  too_large: 0,
  unencodable: 0,
  shutdown: 0,
};

function counters(name: string, ended: number, { exported = ended, waiting = 0, rejected = 0 } = {}) {
  return {
    name,
    ended,
    exported,
    recovered: 0,
    spooled: waiting,
    handedOver: 0,
    lost: { ...NOTHING, rejected },
    requests: { taken: 0, retry: 0, 'too-large': 0, refused: 0 },
    queue: { items: 0, capacity: 1 },
    spool: { items: waiting, bytes: 0, capacityBytes: 1 },
  };
}

/** A service that has sent so much. */
async function service(t: Test, ...destinations: ReturnType<typeof counters>[]): Promise<string> {
  const all = { spans: { destinations }, logs: { destinations: [] } };
  const text = await renderMetrics({ counters: () => all });
  return `http://127.0.0.1:${await serve(
    t,
    createServer((_, response) => response.end(text)),
  )}`;
}

const HERE = { both: [{ name: 'otlp' }, { name: 'honeycomb' }], otlp: [{ name: 'otlp' }] } as const;

t.test('a service that was started without the key of this shell is named', async (t) => {
  const found = await examineService('shop', await service(t, counters('otlp', 5)), HERE.both);
  t.match(found, [
    { level: 'ok', what: /5 of 5 spans/ },
    { level: 'warning', what: /^shop sends nothing to Honeycomb: .* HONEYCOMB_API_KEY/, fix: String },
  ]);
});

t.test(
  'a service whose spans Honeycomb does not take is a problem, also where this shell has no key',
  async (t) => {
    const refused = counters('honeycomb', 5, { exported: 0, waiting: 5 });
    const found = await examineService('shop', await service(t, counters('otlp', 5), refused), HERE.otlp);
    t.match(found, [
      { level: 'ok' },
      { level: 'problem', what: /^shop has sent 0 of 5 spans to Honeycomb: 5 wait/ },
    ]);
  },
);

t.test('some lost spans are a warning, and a key that this shell lacks is a note', async (t) => {
  const some = await service(t, counters('otlp', 5, { exported: 3, rejected: 2 }), counters('honeycomb', 5));
  t.match(await examineService('shop', some, HERE.otlp), [
    { level: 'warning', what: /2 are lost/ },
    { level: 'note' },
  ]);
});

t.test(
  'nothing is said of a service that does not run, or that answers without an end',
  { timeout: 60_000 },
  async (t) => {
    t.strictSame(await examineService('shop', 'http://127.0.0.1:9', HERE.both), []);
    const endless = createServer((_, response) => {
      const more = () =>
        response.destroyed || response.write('a'.repeat(1024 * 1024), () => setImmediate(more));
      more();
    });
    t.strictSame(await examineService('shop', `http://127.0.0.1:${await serve(t, endless)}`, HERE.both), []);
    const hidden = createServer((_, response) => response.writeHead(404).end());
    const found = await examineService('shop', `http://127.0.0.1:${await serve(t, hidden)}`, HERE.both);
    t.match(found, [{ level: 'note', what: /404/, fix: /EXPOSE_METRICS/ }]);
  },
);
