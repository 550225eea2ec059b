import { autoInstrumentation } from './guest/any-process/auto-instrumentation.ts';
import { injectedChannels } from './guest/injected/trace-libraries.ts';
import type { Telemetry } from './process/running.ts';
import { readSettings } from './process/settings/index.ts';
import { withParentVariables } from './process/settings/parent-variables.ts';
import { startTelemetry } from './process/start.ts';
import { pino } from './road/logs/pino-lines.ts';
import { fastify } from './service/fastify/every-server.ts';

/**
 * The telemetry of this process, for any process of Node. Libraries that publish nothing get channels as Node loads them; the README lists what is replaced on other objects. Loading this module starts telemetry:
 * `node --import @tandem/telemetry/register`.
 * When a copy of this package runs telemetry already, `telemetry` is the running one.
 * A service imports `telemetry` to flush at its end. No other module of the package has a side effect.
 */
export const telemetry: Telemetry = withParentVariables(start);

function start(): Telemetry {
  const { TANDEM_RUN_SPOOL: spool, DATA_DIR } = process.env;
  return startTelemetry({
    settings: readSettings(process.env),
    instrumentations: [fastify(), autoInstrumentation(), injectedChannels(), pino()],
    // `run` sends what its processes leave in its spool.
    sendsLast: spool === undefined || spool !== DATA_DIR,
  });
}
