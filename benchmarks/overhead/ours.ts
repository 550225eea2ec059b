import { fastifyTracing } from '../../packages/telemetry/src/index.ts';
import '../../packages/telemetry/src/register.ts';
import { usePlugin } from './variants/use-plugin.ts';

// The routes of the benchmark get no response headers unless told to: no other tracer sends any.
usePlugin(
  process.env.OVERHEAD_RESPONSE_HEADERS === 'true'
    ? Object.assign(
        (...[app, , done]: Parameters<typeof fastifyTracing>) =>
          fastifyTracing(app, { traceResponse: () => true }, done),
        { [Symbol.for('skip-override')]: true },
      )
    : fastifyTracing,
);
