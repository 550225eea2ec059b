import { build } from 'tsdown';
import type { Pack } from '../../scripts/lib/pack-package.ts';

/** Entry of the package → its source. */
const ENTRIES = {
  index: 'src/index.ts',
  honeycomb: 'src/honeycomb/index.ts',
  register: 'src/register.ts',
  testing: 'src/testing/index.ts',
};

/**
 * What the tarball holds of others: OTLP's wire, and the little that is used of OpenTelemetry's SDK (`opentelemetry/sdk.ts`).
 * As dependencies, SDK 2 and SDK 3 would each want an api of their own: a service with the other one would get two
 * copies of it, which do not see each other's spans.
 */
const INLINED =
  /^(?:@tandem\/otlp|@opentelemetry\/(?:context-async-hooks|core|propagator-.*|resources|sdk-trace|semantic-conventions))(?:\/|$)/;

export const pack: Pack = async (target) => {
  await build({
    config: false,
    cwd: import.meta.dirname,
    entry: ENTRIES,
    outDir: target,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    dts: true,
    logLevel: 'warn',
    deps: { neverBundle: true, alwaysBundle: INLINED, onlyBundle: false },
    outputOptions: { comments: false },
    minify: { compress: true, mangle: { keepNames: true }, codegen: { removeWhitespace: true } },
    inputOptions: { resolve: { mainFields: ['module', 'main'] } },
  });
  return { dependencies: {} };
};
