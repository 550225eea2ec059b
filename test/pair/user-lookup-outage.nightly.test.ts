import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { startPair } from '../helpers/pair.ts';
import { until } from '../helpers/until.ts';

interface Page {
  readonly degraded: boolean;
  readonly activities: readonly { readonly handle: string; readonly display_name: string | null }[];
}

t.test(
  'user-lookup hangs: the circuit opens, pages have no names, and all is whole again by itself',
  async (t) => {
    const receiver = await startOtlpReceiver();
    t.teardown(() => receiver.close());
    const pair = await startPair({ otlpUrl: receiver.url });
    t.teardown(() => pair.stop());
    const home = async () => {
      const response = await fetch(`${pair.api}/api/activities/home`);
      t.equal(response.status, 200);
      return (await response.json()) as Page;
    };
    const isIn = async (state: string) => {
      const text = await (await fetch(`${pair.api}/metrics`)).text();
      return text.includes(`tandem_circuit_breaker_state{state="${state}"} 1\n`);
    };
    const healthy = await home();
    t.equal(healthy.degraded, false);
    t.ok(await isIn('closed'));

    const { child } = pair.userLookup;
    child.kill('SIGSTOP');
    t.teardown(() => child.kill('SIGCONT'));
    for (const page of await Promise.all(Array.from({ length: 6 }, home))) t.equal(page.degraded, true);
    t.notOk(await isIn('closed'));
    const page = await home();
    t.equal(page.degraded, true);
    t.same(
      page.activities.map(({ handle }) => handle),
      healthy.activities.map(({ handle }) => handle),
      'the same activities',
    );
    t.ok(
      page.activities.every(({ display_name }) => display_name === null),
      'without names',
    );
    const posted = await fetch(`${pair.api}/api/activities`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ handle: healthy.activities[0]?.handle, message: 'x', ttl: '1-hour' }),
    });
    t.equal(posted.status, 503);

    child.kill('SIGCONT');
    await until(async () => !(await home()).degraded, { what: 'a page with names', everyMs: 50 });
    t.ok(await isIn('closed'));
    t.same(await home(), healthy);
  },
);
