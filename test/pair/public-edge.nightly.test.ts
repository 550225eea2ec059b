import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { startPair } from '../helpers/pair.ts';

const stranger = 'a'.repeat(32);
const span = 'b'.repeat(16);

t.test(
  'at the public edge strangers choose neither trace nor sampling, and balancers say who asks',
  async (t) => {
    const receiver = await startOtlpReceiver();
    t.teardown(() => receiver.close());
    const pair = await startPair({
      otlpUrl: receiver.url,
      env: {
        OTEL_TRACES_SAMPLER: 'parentbased_always_off',
        OTEL_PROPAGATORS: 'tracecontext,baggage,b3,jaeger',
      },
      activitiesEnv: { PUBLIC_EDGE: 'true', TRUST_PROXY: '127.0.0.1', RATE_LIMIT_MAX: '2' },
    });
    t.teardown(() => pair.stop());
    const ask = (client: string, headers: Record<string, string> = {}) =>
      fetch(`${pair.api}/api/activities/home?limit=1`, {
        headers: { ...headers, 'x-forwarded-for': client },
      });
    const contexts: Record<string, string>[] = [
      { traceparent: `00-${stranger}-${span}-01`, tracestate: 'ot=th:0', baggage: 'user.id=admin' },
      { b3: `${stranger}-${span}-d` },
      { 'uber-trace-id': `${stranger}:${span}:0:3`, 'uberctx-user.id': 'admin' },
    ];
    for (const [index, headers] of contexts.entries()) {
      const statuses = [];
      for (let count = 0; count < 3; count++) {
        const answer = await ask(`203.0.113.${index}`, headers);
        await answer.body?.cancel();
        statuses.push(answer.status);
        t.notMatch(answer.headers.get('traceresponse'), stranger);
      }
      t.same(statuses, [200, 200, 429], 'each client has a limit of its own');
    }
    await pair.stop();
    t.same(receiver.accepted, [], 'nobody has made it sample');
    const sent = Buffer.concat(receiver.requests.map(({ body }) => body)).toString('latin1');
    t.notMatch(sent, 'admin');
  },
);

t.test('metrics and documentation are off by default on a public port', async (t) => {
  const pair = await startPair({
    otlpUrl: 'http://127.0.0.1:9',
    env: { HOST: '0.0.0.0', OTEL_TRACES_EXPORTER: 'none' },
    activitiesEnv: { EXPOSE_METRICS: 'true' },
  });
  t.teardown(() => pair.stop());
  const status = async (url: string) => {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.status;
  };
  for (const path of ['/metrics', '/documentation', '/documentation/json'])
    t.equal(await status(`${pair.userLookupUrl}${path}`), 404, `user-lookup ${path}`);
  t.equal(await status(`${pair.api}/metrics`), 200, 'asked for');
  t.equal(await status(`${pair.api}/documentation/json`), 404, 'not asked for');
});
