import { register } from 'import-in-the-middle/register-hooks.mjs';

/** Drivers that publish nothing that spans could be made of → how OpenTelemetry's own instrumentation of each is started. */
const INSTRUMENTATIONS: Readonly<Record<string, () => Promise<unknown>>> = {
  async mongodb() {
    const { MongoDBInstrumentation } = await import('@opentelemetry/instrumentation-mongodb');
    return new MongoDBInstrumentation();
  },
  async pg() {
    const { PgInstrumentation } = await import('@opentelemetry/instrumentation-pg');
    return new PgInstrumentation({ requireParentSpan: true });
  },
};

/** Traces these drivers in this process. Call it before anything imports one of them. */
export async function traceDatabaseDrivers(names: readonly string[]): Promise<void> {
  register({ include: [...names] });
  for (const name of names) await INSTRUMENTATIONS[name]?.();
}
