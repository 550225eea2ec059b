import { runWorkspace } from './lib/run-workspace.ts';

// `start`: the same three processes as `dev`, without restart on change and without fault injection.
process.env.NODE_ENV ||= 'production';
await runWorkspace({ watch: false });
