import { createRequire } from 'node:module';
import { usePlugin } from './variants/use-plugin.ts';

// The built package, from the folder of the peers: `installTelemetry` puts it there.
const require = createRequire(import.meta.url);
const { fastifyTracing, registerTelemetry } = require('@tandem/telemetry');
registerTelemetry(); // as the pair is traced

// The routes of the benchmark get no response headers unless told to: no other tracer sends any.
usePlugin(
  process.env.OVERHEAD_RESPONSE_HEADERS === 'true'
    ? Object.assign(
        (app: unknown, _: unknown, done: () => void) =>
          fastifyTracing(app, { traceResponse: () => true }, done),
        { [Symbol.for('skip-override')]: true },
      )
    : fastifyTracing,
);
