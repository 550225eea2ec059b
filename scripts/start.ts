import { readArguments } from './lib/arguments.ts';
import { runWorkspace } from './lib/dev/run-workspace.ts';
import { callOf } from './lib/root.ts';

readArguments(
  `Usage: ${callOf('start')}

Runs explorer, user-lookup and activities-api until Ctrl+C, without restart on change and without fault injection.`,
  {},
);
process.env.NODE_ENV ||= 'production';
await runWorkspace({ watch: false });
