import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request } from 'node:http';
import { createServer as createTlsServer, Agent as HttpsAgent, request as tlsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import t from 'tap';
import { Agent, fetch } from 'undici';
import { answerOf, start, testUndici } from '../../road/http/client-harness.ts';
import { serve } from '../../serve.ts';

// Alone in its process: telemetry is registered for all tests.

const TELEMETRY = { waits: true };
const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures');
const pem = (name: string) => readFileSync(join(FIXTURES, name));
const TLS = { cert: pem('self-signed.cert.pem'), key: pem('self-signed.key.pem') };
const SLOW_MS = 300;
/** Of a part. A stall is taken off the part it falls into, so on a busy machine a part is shorter than what was slow. */
const LEAST_MS = SLOW_MS / 5;

/** Calls `then` after SLOW_MS by the clock. A timer alone counts from the beginning of its turn, which may be long ago. */
function slowly(then: () => void): void {
  const since = performance.now();
  const look = () => {
    const left = SLOW_MS - (performance.now() - since);
    if (left > 0) setTimeout(look, Math.ceil(left));
    else then();
  };
  look();
}

const lookup: LookupFunction = (_name, options, done) =>
  slowly(() =>
    options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4),
  );
const partsOf = ({ attributes }: ReadableSpan) =>
  Object.fromEntries(
    Object.entries(attributes)
      .filter(([name]) => name.startsWith('tandem.call.'))
      .map(([name, ms]) => [name.slice('tandem.call.'.length), Number(ms)]),
  );

/** A server whose handshake takes a while. */
function slowTlsServer() {
  const context = createSecureContext(TLS);
  const SNICallback = (_name: string, done: (error: null, found: typeof context) => void) =>
    slowly(() => done(null, context));
  return createTlsServer({ ...TLS, SNICallback }, (_, response) => response.end('ok'));
}

testUndici('a name that is slow to look up', async (t, start) => {
  const { port, spans } = await start(t, undefined, TELEMETRY);
  const dispatcher = new Agent({ connect: { lookup } });
  t.teardown(() => dispatcher.close());
  await (await fetch(`http://slow.test:${port}/`, { dispatcher })).text();
  const [span] = await spans(1);
  const parts = partsOf(span as ReadableSpan);
  t.ok((parts.dns_ms ?? 0) >= LEAST_MS, JSON.stringify(parts));
});

testUndici('a slow handshake; the next request on the connection has none of it', async (t, start) => {
  const { spans } = await start(t, undefined, TELEMETRY);
  const port = await serve(t, slowTlsServer());
  const dispatcher = new Agent({ connections: 1, connect: { rejectUnauthorized: false } });
  t.teardown(() => dispatcher.close());
  for (let count = 0; count < 2; count++)
    await (await fetch(`https://localhost:${port}/`, { dispatcher })).text();
  const [first, second] = (await spans(2)).map(partsOf);
  t.ok((first?.tls_ms ?? 0) >= LEAST_MS, JSON.stringify(first));
  t.equal(second?.tls_ms, undefined);
});

testUndici('a client with one connection: the second request waits', async (t, start) => {
  const { url, spans } = await start(t, (_, response) => slowly(() => response.end('ok')), TELEMETRY);
  const dispatcher = new Agent({ connections: 1 });
  t.teardown(() => dispatcher.close());
  await Promise.all([1, 2].map(async () => (await fetch(url, { dispatcher })).text()));
  const [first, second] = (await spans(2)).map(partsOf);
  t.ok((second?.first_byte_ms ?? 0) >= LEAST_MS, JSON.stringify(second));
  t.ok(
    (second?.waiting_ms ?? 0) >= LEAST_MS - 20 && second?.connect_ms === undefined,
    JSON.stringify(second),
  );
  t.ok((first?.waiting_ms ?? 0) < (second?.waiting_ms ?? 0), 'the first one waited for no other');
});

testUndici('a body that comes slowly', async (t, start) => {
  let end = () => {};
  const { url, spans } = await start(
    t,
    (_, response) => {
      response.write('o');
      end = () => void response.end('k');
    },
    TELEMETRY,
  );
  const response = await fetch(url);
  slowly(() => end());
  await response.text();
  const [span] = await spans(1);
  t.ok((partsOf(span as ReadableSpan).receiving_ms ?? 0) >= LEAST_MS);
});

t.test('http.request: look-up, handshake, and the wait for a socket of the agent', async (t) => {
  const { port, spans } = await start(t, (_, response) => slowly(() => response.end('ok')), TELEMETRY);
  const agent = new HttpAgent({ maxSockets: 1, keepAlive: true });
  const tlsAgent = new HttpsAgent({ rejectUnauthorized: false });
  t.teardown(() => {
    agent.destroy();
    tlsAgent.destroy();
  });
  const tlsPort = await serve(t, slowTlsServer());
  await answerOf(tlsRequest({ host: 'localhost', port: tlsPort, agent: tlsAgent }));
  await Promise.all([1, 2].map(() => answerOf(request({ host: 'slow.test', port, agent, lookup }))));
  const [handshake, first, second] = (await spans(3)).map(partsOf);
  t.ok((handshake?.tls_ms ?? 0) >= LEAST_MS, JSON.stringify(handshake));
  t.ok((first?.dns_ms ?? 0) >= LEAST_MS, JSON.stringify(first));
  t.ok((second?.waiting_ms ?? 0) >= LEAST_MS && second?.dns_ms === undefined, JSON.stringify(second));
});

t.test('a fast call has no parts below a millisecond', async (t) => {
  const { url, spans } = await start(t, undefined, TELEMETRY);
  const response = await fetch(url);
  await response.text();
  const [span] = await spans(1);
  for (const ms of Object.values(partsOf(span as ReadableSpan))) t.ok(ms >= 1);
});
