import { existsSync } from 'node:fs';
import { findChromium, NO_CHROMIUM } from './lib/find-chromium.ts';
import type { Ending } from './lib/tap.ts';
import { buildTap, runTap } from './lib/tap.ts';

// `pnpm test [files and options of tap]`: all tests. Those of the page need Chromium (`*.browser.test.ts`); without one
// they are left out, unless they are named.
const args = process.argv.slice(2).filter((arg) => arg !== '--');
const leavesOut = findChromium() === undefined && !args.some((arg) => existsSync(arg));

const build = await buildTap();
if (build.code !== 0) await endAs(build);
const ending = await runTap(leavesOut ? ['--exclude=**/*.browser.test.ts', ...args] : args);
if (leavesOut) console.log(`Page tests left out: ${NO_CHROMIUM}.`);
await endAs(ending);

/** As the child did, so that whoever waits for this process can tell. */
async function endAs({ code, signal }: Ending): Promise<never> {
  if (signal !== null) {
    process.kill(process.pid, signal);
    await new Promise((resolve) => setTimeout(resolve, 1000)); // it comes before that
  }
  process.exit(code ?? 1);
}
