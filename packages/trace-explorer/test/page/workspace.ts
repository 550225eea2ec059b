import type { AddressInfo } from 'node:net';
import type { Pair } from '../../../../test/helpers/pair.ts';
import { startPair } from '../../../../test/helpers/pair.ts';
import { freePort } from '../../../../test/helpers/processes.ts';
import { buildReceiver } from '../../src/core/receiver/build-receiver.ts';
import { randomId } from '../spans.ts';
import type { OpenPage, OpenPageOptions } from './browser.ts';
import { openPage } from './browser.ts';

type Test = { teardown(fn: () => unknown): void };

export interface OpenWorkspace extends OpenPage {
  readonly pair: Pair;
}

/** A page whose explorer takes the spans of both services, which run as real processes; all on free ports. */
export async function openWorkspace(t: Test, options: OpenPageOptions = {}): Promise<OpenWorkspace> {
  const port = await freePort();
  const addresses = { apiUrl: '', otlpEndpoint: '' };
  let started: Pair | undefined;
  const open = await openPage(t, {
    ...options,
    port,
    explorer: addresses,
    async fill(store) {
      const receiver = await buildReceiver({ store });
      t.teardown(() => receiver.close());
      await receiver.listen({ host: '127.0.0.1', port: 0 });
      const { port: otlpPort } = receiver.server.address() as AddressInfo;
      addresses.otlpEndpoint = `http://127.0.0.1:${otlpPort}`;
      const pair = await startPair({
        otlpUrl: addresses.otlpEndpoint,
        env: { FAULT_INJECTION: 'true', EXPLORER_URL: `http://127.0.0.1:${port}` },
      });
      t.teardown(() => pair.stop());
      // Of the first request, the look-up may take longer than its time on a loaded machine: then its trace has fewer spans.
      const untraced = { traceparent: `00-${randomId(16)}-${randomId(8)}-00` };
      await (await fetch(`${pair.api}/api/activities/home`, { headers: untraced })).arrayBuffer();
      addresses.apiUrl = pair.api;
      started = pair;
    },
  });
  if (started === undefined) throw new Error('The services did not start.');
  return { ...open, pair: started };
}
