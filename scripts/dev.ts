import { runWorkspace } from './lib/run-workspace.ts';

// `dev`: explorer, user-lookup and activities-api, each started again when its sources change or when it has ended.
process.env.FAULT_INJECTION ||= 'true';
process.env.CODE_LOCATIONS ||= 'true';
await runWorkspace({ watch: true });
