import { resolve } from 'node:path';
import { ROOT } from '../../tools/root.ts';
import { loadDotEnv } from './dot-env.ts';

// `node --import` loads this before a command that does not read the workspace's `.env`, which has EXPLORER_URL and
// EXPLORER_TOKEN.
process.env.TANDEM ||= 'node tandem'; // the command in messages
try {
  loadDotEnv();
  process.env.EXPLORER_QUERIES = resolve(ROOT, process.env.EXPLORER_QUERIES || 'honeycomb'); // as in `dev`
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
