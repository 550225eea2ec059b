import type { OtherTracer } from '../libraries.ts';

/** How each tracer of a vendor is recognised. */
const TRACERS: Readonly<Record<OtherTracer, () => boolean>> = {
  'dd-trace': () => Reflect.has(globalThis, Symbol.for('dd-trace')),
  Sentry() {
    const carrier = Object(Reflect.get(globalThis, '__SENTRY__'));
    const client = carrier[carrier.version]?.defaultCurrentScope?.getClient?.();
    const { tracesSampleRate, tracesSampler } = Object(client?.getOptions?.());
    const isInjecting = Object(Reflect.get(globalThis, '__SENTRY_ORCHESTRION__')).runtime !== undefined;
    return isInjecting && (tracesSampleRate ?? tracesSampler) !== undefined;
  },
};

/** The first of these tracers that runs in this process; undefined where none does. */
export function otherTracerOf(tracers: readonly OtherTracer[]): OtherTracer | undefined {
  return tracers.find((name) => TRACERS[name]());
}
