/** Entry of the tarball → its source, from the folder of this package. */
export const ENTRIES = {
  index: 'src/index.ts',
  'code-locations': 'src/server/code-locations.ts',
  doctor: 'src/doctor/index.ts',
  drivers: '../auto-instrumentation/src/drivers/index.ts',
  'fastify-lifecycle': 'src/server/fastify-lifecycle.ts',
  honeycomb: 'src/honeycomb/index.ts',
  kysely: 'src/kysely/index.ts',
  lean: 'src/lean/index.ts',
  propagators: 'src/context/propagators.ts',
  register: '../auto-instrumentation/src/register.ts',
  sampling: 'src/sampling/index.ts',
  testing: 'src/testing/index.ts',
};
