import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { LIFECYCLE_PACKAGE, PACKAGE_LIST, packagesOf, TELL_PACKAGES } from '../helpers/loaded-packages.ts';
import type { PairOptions } from '../helpers/pair.ts';
import { startPair } from '../helpers/pair.ts';
import { until } from '../helpers/until.ts';

// Without a switch: metrics.system.test.ts.
const receiver = await startOtlpReceiver();
t.teardown(() => receiver.close());

/** Starts the pair, asks for the home feed, stops the pair, and returns the packages of each service. */
async function reportsOf(env: NonNullable<PairOptions['env']>) {
  const pair = await startPair({ otlpUrl: receiver.url, env, nodeOptions: TELL_PACKAGES });
  try {
    const home = async () => {
      const response = await fetch(`${pair.api}/api/activities/home`);
      return (await response.json()) as { readonly degraded: boolean };
    };
    // A look-up has a second: the first one may take longer on a busy machine.
    await until(async () => !(await home()).degraded);
  } finally {
    await pair.stop();
  }
  return [pair.activities, pair.userLookup].map(packagesOf);
}

t.test('instrumentation-fastify is loaded behind its switch', async (t) => {
  const report = { loaded: [...PACKAGE_LIST, LIFECYCLE_PACKAGE].toSorted(), isPatched: true };
  t.same(await reportsOf({ TRACE_FASTIFY_LIFECYCLE: 'true' }), [report, report]);
});

t.test('with TRACE_LEAN the require of modules is as Node has it', async (t) => {
  const reports = await reportsOf({ TRACE_LEAN: 'true' });
  t.same(
    reports.map(({ isPatched }) => isPatched),
    [false, false],
  );
});
