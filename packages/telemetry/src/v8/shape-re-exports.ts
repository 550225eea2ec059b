import { createRequire } from 'node:module';

/**
 * Makes what the loaded OpenTelemetry packages re-export cheap to read.
 *
 * TypeScript compiles a re-export to a getter, and V8 keeps an `exports` object with several of those as a hash table:
 * each `core_1.hrTime` in an instrumentation or in the SDK is then three look-ups and three calls.
 * V8 gives an object that serves as a prototype a shape of its own, through which optimized code reads the value itself.
 */
export function shapeReExports(): void {
  for (const [file, module] of Object.entries(createRequire(import.meta.url).cache)) {
    const exports: unknown = module?.exports;
    if (/[\\/]@opentelemetry[\\/]/.test(file) && typeof exports === 'object') Object.create(exports);
  }
}
