import { readArguments } from './lib/arguments.ts';
import { runWorkspace } from './lib/dev/run-workspace.ts';
import { callOf } from './lib/root.ts';

readArguments(
  `Usage: ${callOf('dev')}

Runs explorer, user-lookup and activities-api until Ctrl+C; restarts each when its sources change or when it has
ended. Requests may ask for faults.`,
  {},
);
process.env.FAULT_INJECTION ||= 'true';
process.env.CODE_LOCATIONS ||= 'true';
await runWorkspace({ watch: true });
