import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { startPair } from './helpers/pair.ts';
import { freePort, startNode } from './helpers/processes.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const STEP = 'b7ad6b7169203331';
/** An export that fails on a busy machine is tried again some seconds later. */
const WAIT_MS = 50_000;

t.setTimeout(6 * WAIT_MS);

t.test('with TRACEPARENT, load is a part of that trace', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  const pair = await startPair({ otlpUrl: receiver.url });
  t.teardown(() => pair.stop());
  const load = startNode('.', ['scripts/load.ts', '--rate', '5', '--seconds', '1'], {
    BACKEND_URL: pair.api,
    USER_LOOKUP_URL: pair.userLookupUrl,
    FRONTEND_URL: `http://127.0.0.1:${await freePort()}`, // no explorer
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    DATA_DIR: t.testdir(),
    TRACEPARENT: `00-${TRACE_ID}-${STEP}-01`,
  });
  t.equal(await load.exited, 0, load.output());

  const ofService = (service: string) =>
    receiver.spansOf(TRACE_ID).filter((span) => span.service === service);
  const serversOf = (service: string) => ofService(service).filter(({ kind }) => kind === 'SERVER');
  // Different ones: a request that a busy machine answers too late is sent again, with all of its spans.
  await receiver.waitFor(
    () => new Set(serversOf('activities-api').map(({ spanId }) => spanId)).size === 5,
    WAIT_MS,
  );
  const [root] = ofService('load').filter(({ name }) => name === 'load');
  t.match(root, { parentSpanId: STEP, parentIsRemote: true });
  const requests = ofService('load').filter(({ kind }) => kind === 'CLIENT');
  t.strictSame(
    requests.map(({ parentSpanId }) => parentSpanId),
    requests.map(() => root?.spanId),
  );
  const callers = new Set(requests.map(({ spanId }) => spanId));
  const servers = serversOf('activities-api');
  t.strictSame(new Set(servers.map(({ parentSpanId }) => parentSpanId)), callers, 'one caller each');
});
