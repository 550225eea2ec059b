/** Entry of the tarball → its source, from the folder of this package. */
export const ENTRIES = {
  index: 'tarball/index.ts',
  'code-locations': 'src/server/code-locations.ts',
  doctor: '../doctor/src/index.ts',
  drivers: '../auto-instrumentation/src/drivers/index.ts',
  'fastify-lifecycle': 'src/server/fastify-lifecycle.ts',
  honeycomb: '../doctor/src/honeycomb/index.ts',
  kysely: 'src/kysely/index.ts',
  lean: '../lean-engine/src/index.ts',
  propagators: 'src/context/propagators.ts',
  register: 'tarball/register.ts',
  sampling: 'src/sampling/index.ts',
  testing: 'src/testing/index.ts',
};
