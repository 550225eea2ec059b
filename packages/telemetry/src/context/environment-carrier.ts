import type { TextMapGetter, TextMapSetter } from '@opentelemetry/api';
import { context, propagation } from '@opentelemetry/api';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Runs `fn` in the context that the process was started with: TRACEPARENT, TRACESTATE and BAGGAGE, or the variables of
 * the propagators that OTEL_PROPAGATORS names (OpenTelemetry specification, environment variables as context propagation
 * carriers). For scripts, migrations and steps of a pipeline; a service has its context from its requests.
 *
 * @param environment default: this process's
 * @returns what `fn` returns
 *
 * @example
 * ```ts
 * // TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 node --import @tandem/telemetry/register seed.ts
 * await withEnvironmentContext(() => withSpan('seed', {}, seed));
 * ```
 */
export function withEnvironmentContext<T>(fn: () => T, environment: Variables = process.env): T {
  return context.with(propagation.extract(context.active(), environment, VARIABLES), fn);
}

/**
 * A copy of an environment that carries the active context on, for a process that is started with it. What it carried
 * before is not in it.
 *
 * @param environment default: this process's
 *
 * @example
 * ```ts
 * await withSpan('migrate', {}, () => execFile('npm', ['run', 'migrate'], { env: environmentWithContext() }));
 * ```
 */
export function environmentWithContext(environment: Variables = process.env): Record<string, string> {
  const carrier: Record<string, string> = {};
  const carried = new Set(propagation.fields().map(variableOf));
  for (const [name, value] of Object.entries(environment))
    if (value !== undefined && !carried.has(name)) carrier[name] = value;
  propagation.inject(context.active(), carrier, INTO_VARIABLES);
  return carrier;
}

const VARIABLES: TextMapGetter<Variables> = {
  get: (variables, name) => variables[variableOf(name)],
  keys: (variables) => Object.keys(variables),
};

const INTO_VARIABLES: TextMapSetter<Record<string, string>> = {
  set(variables, name, value) {
    variables[variableOf(name)] = value;
  },
};

/** `x-b3-traceid` → `X_B3_TRACEID`, as the specification normalizes names. */
function variableOf(name: string): string {
  return name
    .toUpperCase()
    .replace(/[^A-Z0-9_]/g, '_')
    .replace(/^(?=\d)/, '_');
}
