import { runWorkspace } from './lib/run-workspace.ts';

// `pnpm dev`: explorer, user-lookup and activities-api, each restarted when its sources change.
process.env.FAULT_INJECTION ||= 'true';
await runWorkspace({ watch: true });
