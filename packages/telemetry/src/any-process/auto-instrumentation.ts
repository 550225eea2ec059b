import { leaveToHost } from '../beside/leave-to-host.ts';
import type { StartInstrumentation } from '../instrumentation.ts';
import { load } from '../process/load.ts';
import { undiciChannels } from '../undici/channels.ts';
import { traceHttpClients } from './client/http-client.ts';
import { traceHttp2Clients } from './client/http2-client.ts';
import { traceDrivers } from './drivers/trace-drivers.ts';
import { traceHttpServers } from './server/http-server.ts';
import { traceHttp2Servers } from './server/http2-server.ts';
import { traceTests } from '../features/tests/trace-tests.ts';

/**
 * Traces what a process of Node does beside Fastify, from what Node and its libraries publish: servers and clients of
 * `node:http` and `node:http2`, `fetch` and undici, Express's routes, drivers, and tests. No module is patched; the README lists what is replaced. Instrumentations of the
 * host make their spans in place of these. Without a provider there are no spans, and the context of callers goes on.
 */
export function autoInstrumentation(): StartInstrumentation {
  return ({ provider, loggerProvider, settings, log }) => {
    const stopFetch = undiciChannels()();
    const stopHttp = [traceHttpClients(), traceHttpServers()];
    const stops = [stopFetch, ...stopHttp, traceHttp2Clients(), traceHttp2Servers()];
    if (provider !== undefined) {
      stops.push(traceDrivers());
      if (settings.console && loggerProvider !== undefined)
        stops.push(load('console-lines').recordConsole(loggerProvider));
      traceTests(provider); // to the end: also where a test file registers telemetry of its own
      leaveToHost(provider, log, {
        '@opentelemetry/instrumentation-http': stopHttp,
        '@opentelemetry/instrumentation-undici': [stopFetch],
      });
    }
    return () => {
      for (const stop of stops) stop();
    };
  };
}
