import { resolve } from 'node:path';
import { loadDotEnv } from './dot-env.ts';

// `node --import` loads this before a command that does not read the workspace's `.env`, which has FRONTEND_URL and
// EXPLORER_TOKEN. The launchers start every command in the workspace's root.
process.env.TANDEM ||= 'node tandem'; // the command in messages
try {
  loadDotEnv(resolve('.env'));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
