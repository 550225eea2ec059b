/** Entry of the tarball → its source, from this package's folder. */
export const ENTRIES = {
  index: 'src/index.ts',
  'code-locations': '../telemetry/src/fastify/code-locations.ts',
  doctor: '../doctor/src/index.ts',
  drivers: '../auto-instrumentation/src/drivers/index.ts',
  express: '../auto-instrumentation/src/express/index.ts',
  'fastify-lifecycle': '../telemetry/src/fastify/fastify-lifecycle.ts',
  honeycomb: '../doctor/src/honeycomb/index.ts',
  kysely: '../telemetry/src/kysely/index.ts',
  lean: '../lean-engine/src/index.ts',
  profile: '../auto-instrumentation/src/profile/index.ts',
  propagators: '../telemetry/src/context/propagators.ts',
  register: 'src/register.ts',
  sampling: '../telemetry/src/sampling/index.ts',
  testing: '../telemetry/src/testing/index.ts',
  tests: '../auto-instrumentation/src/tests/index.ts',
  undici: '../telemetry/src/client/fetch-client.ts',
};
