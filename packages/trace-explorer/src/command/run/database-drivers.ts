import nodeModule, { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Drivers that publish nothing that spans could be made of → how OpenTelemetry's own instrumentation of each is started. */
const INSTRUMENTED: Readonly<Record<string, () => unknown>> = {
  mongodb() {
    const { MongoDBInstrumentation } = require('@opentelemetry/instrumentation-mongodb');
    return new MongoDBInstrumentation();
  },
  pg() {
    const { PgInstrumentation } = require('@opentelemetry/instrumentation-pg');
    return new PgInstrumentation({ requireParentSpan: true });
  },
};

/** Drivers that publish nothing and have no instrumentation of OpenTelemetry: postgres.js and others. */
const UNTRACED = new Set(['better-sqlite3', 'mariadb', 'postgres']);

/**
 * Traces drivers of databases from the moment that the process asks for one. An instrumentation patches the driver's files
 * as they are loaded, so it starts while the driver's name is resolved. Node before 22.15 has no hook for names.
 *
 * @param onUse is told each driver once
 */
export function traceDatabaseDrivers(onUse: (use: 'driver' | 'untraced-driver', name: string) => void): void {
  const seen = new Set<string>();
  nodeModule.registerHooks?.({
    resolve(specifier, context, next) {
      const found = next(specifier, context); // throws where the driver is not installed
      const start = Object.hasOwn(INSTRUMENTED, specifier) ? INSTRUMENTED[specifier] : undefined;
      if ((start !== undefined || UNTRACED.has(specifier)) && !seen.has(specifier)) {
        seen.add(specifier);
        start?.();
        onUse(start === undefined ? 'untraced-driver' : 'driver', specifier);
      }
      return found;
    },
  });
}
