/** The tracer of a vendor that gives the same libraries channels of its own; undefined where there is none. */
export function otherTracerOf(): string | undefined {
  if (Reflect.has(globalThis, Symbol.for('dd-trace'))) return 'dd-trace';
  return undefined;
}
