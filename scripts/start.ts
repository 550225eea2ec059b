import { enableCompileCache } from 'node:module';
import { readArguments } from '../tools/arguments.ts';
import { callOf } from '../tools/root.ts';
import { COMPILE_CACHE } from './lib/processes/compile-cache.ts';

readArguments(
  `Usage: ${callOf('start')}

Runs explorer, user-lookup and activities-api until Ctrl+C, without restart on change and without fault injection.`,
  {},
);
if (!process.env.NODE_ENV) {
  process.env.NODE_ENV = 'production';
  process.env.TANDEM_RUN_SET = 'NODE_ENV'; // not told as the person's own
}
enableCompileCache(COMPILE_CACHE);
const { runWorkspace } = await import('./lib/dev/run-workspace.ts'); // compiled by an earlier start
await runWorkspace({ watch: false });
