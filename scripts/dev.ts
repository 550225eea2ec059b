import { enableCompileCache } from 'node:module';
import { readArguments } from '../tools/arguments.ts';
import { callOf, ROOT } from '../tools/root.ts';
import { COMPILE_CACHE } from './lib/processes/compile-cache.ts';

readArguments(
  `Usage: ${callOf('dev')}

Runs the explorer, user-lookup and activities-api until Ctrl+C, and restarts each when its sources change or when it
has ended. Requests may ask for faults.`,
  {},
);
process.env.FAULT_INJECTION ||= 'true';
if (!process.env.TRACE_CODE_LOCATIONS) {
  process.env.TRACE_CODE_LOCATIONS = ROOT;
  process.env.TANDEM_RUN_SET = 'TRACE_CODE_LOCATIONS'; // not told as the person's own
}
enableCompileCache(COMPILE_CACHE);
const { runWorkspace } = await import('./lib/dev/run-workspace.ts'); // compiled by an earlier start
await runWorkspace({ watch: true });
