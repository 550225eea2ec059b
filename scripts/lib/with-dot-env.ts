import { resolve } from 'node:path';
import { loadDotEnv } from './dot-env.ts';

// Loaded before a command that knows nothing of this workspace's `.env` (`node --import`): FRONTEND_URL and
// EXPLORER_TOKEN stand there. The launchers start every command in the workspace's root.
process.env.TANDEM ||= 'node tandem'; // what messages tell to type
try {
  loadDotEnv(resolve('.env'));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
