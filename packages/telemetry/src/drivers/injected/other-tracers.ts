/** Tracers of vendors that give libraries channels of their own, and how each is recognised. */
const TRACERS = {
  'dd-trace': () => Reflect.has(globalThis, Symbol.for('dd-trace')),
  Sentry() {
    const carrier = Object(Reflect.get(globalThis, '__SENTRY__'));
    const client = carrier[carrier.version]?.defaultCurrentScope?.getClient?.();
    const { tracesSampleRate, tracesSampler } = Object(client?.getOptions?.());
    const isInjecting = Object(Reflect.get(globalThis, '__SENTRY_ORCHESTRION__')).runtime !== undefined;
    return isInjecting && (tracesSampleRate ?? tracesSampler) !== undefined;
  },
} as const;

export type OtherTracer = keyof typeof TRACERS;

/** The first of these tracers that runs in this process; undefined where none does. */
export function otherTracerOf(tracers: readonly OtherTracer[]): OtherTracer | undefined {
  return tracers.find((name) => TRACERS[name]());
}
