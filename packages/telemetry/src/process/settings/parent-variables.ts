import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import { VARIABLES } from './variables.ts';

const KEY = '@tandem/telemetry: variables';

/** Variables of telemetry, of the SDK in it, and of the trace that the process is in. */
const OURS = /^(?:OTEL_|TANDEM_RUN_|TRACEPARENT$|TRACESTATE$|BAGGAGE$)/;

/**
 * Starts telemetry with the variables of the process also in a worker that got an environment of its own (`new Worker(file,
 * { env })`): what the worker's environment has not is as in its parent. The worker's environment is afterwards as before.
 *
 * @throws what `start` throws
 */
export function withParentVariables<T>(start: () => T): T {
  if (isMainThread) {
    const ours = Object.entries(process.env).filter(
      ([name]) => OURS.test(name) || Object.hasOwn(VARIABLES, name),
    );
    setEnvironmentData(KEY, Object.fromEntries(ours)); // of each worker, and of its workers
    return start();
  }
  const missing = Object.entries(Object(getEnvironmentData(KEY))).filter(
    ([name]) => process.env[name] === undefined,
  );
  Object.assign(process.env, Object.fromEntries(missing));
  try {
    return start();
  } finally {
    for (const [name] of missing) delete process.env[name];
  }
}
