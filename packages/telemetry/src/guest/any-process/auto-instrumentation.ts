import { leaveToHost } from '../../beside/leave-to-host.ts';
import type { StartInstrumentation } from '../../instrumentation.ts';
import { traceConsole } from '../console/trace-console.ts';
import { publishLibraries } from '../loading/loads.ts';
import { traceHttpClients } from '../node/http-client.ts';
import { traceHttpServers } from '../node/http-server.ts';
import { traceHttp2Clients } from '../node/http2-client.ts';
import { traceHttp2Servers } from '../node/http2-server.ts';
import { undiciChannels } from '../node/undici.ts';
import { traceDrivers } from '../published/trace-drivers.ts';
import { traceTests } from '../tests/trace-tests.ts';

/**
 * Traces what a process of Node does beside Fastify, from what Node and its libraries publish: servers and clients of
 * `node:http` and `node:http2`, `fetch` and undici, Express's routes, drivers, and tests. No module is patched; the README lists what is replaced. Instrumentations of the
 * host make their spans in place of these. Without a provider there are no spans, and the context of callers goes on.
 */
export function autoInstrumentation(): StartInstrumentation {
  return (parts) => {
    const { provider, log } = parts;
    const stopFetch = undiciChannels()();
    const stopHttp = [traceHttpClients(), traceHttpServers()];
    const stops = [stopFetch, ...stopHttp, traceHttp2Clients(), traceHttp2Servers()];
    if (provider !== undefined) {
      stops.push(publishLibraries(), traceDrivers(), ...[traceConsole(parts) ?? []].flat());
      traceTests({ ...parts, provider }); // to the end: also where a test file registers telemetry of its own
      leaveToHost(provider, log, {
        '@opentelemetry/instrumentation-http': stopHttp,
        '@opentelemetry/instrumentation-undici': [stopFetch],
        '@opentelemetry/instrumentation-pg': [],
      });
    }
    return () => {
      for (const stop of stops) stop();
    };
  };
}
