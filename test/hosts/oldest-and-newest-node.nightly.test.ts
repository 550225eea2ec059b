import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { INSTALL_TIMEOUT_MS, nodeBinary } from '../helpers/npm.ts';
import { ROOT } from '../helpers/processes.ts';

/** The oldest Node that the tarballs promise (`engines` in pack.ts), and the newest that is tried. */
const NODES = {
  // The tarballs have JavaScript. The sources have types, which Node takes away unasked since 22.18.
  '22.15.0': ['--experimental-strip-types', '--disable-warning=ExperimentalWarning'],
  '26.10.0': [],
};
/** The packages that the tarballs run with. */
const PACKAGES = ['otlp', 'telemetry', 'trace-explorer'];
/** Milliseconds for the fast tests of all packages, on a busy machine. */
const TESTS_TIMEOUT_MS = 30 * 60_000;

t.setTimeout(2 * (TESTS_TIMEOUT_MS + INSTALL_TIMEOUT_MS));

for (const [version, flags] of Object.entries(NODES))
  t.test(`Node ${version}: the fast tests of what is in the tarballs pass`, async (t) => {
    const folders = PACKAGES.map((name) => `packages/${name}`);
    const node = await nodeBinary(version);
    // In the environment, because tests start processes of their own.
    const env = { ...process.env, NODE_OPTIONS: flags.join(' ') };
    const tests = spawn(node, ['scripts/test.ts', '-j', '2', ...folders], { cwd: ROOT, env });
    const [output, [code]] = await Promise.all([text(tests.stdout), once(tests, 'close')]);
    t.equal(code, 0, output);
    t.match(output, /^[1-9]\d{3,} passed, 0 failed$/m);
  });
