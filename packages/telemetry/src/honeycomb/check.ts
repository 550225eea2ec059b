// `pnpm honeycomb:check`: says in one line whether Honeycomb takes the key, and in a second where the key is from.
import { existsSync, readFileSync } from 'node:fs';
import { canSend, checkHoneycombKey } from './check-key.ts';
import { describeKeyCheck } from './describe-key-check.ts';
import { findKey } from './key-source.ts';

const source = findKey(process.env, existsSync('.env') ? readFileSync('.env', 'utf8') : undefined);
const check = await checkHoneycombKey(source);
process.stdout.write(`${describeKeyCheck(check)}\n${source.sentence}\n`);
// Not exitCode: a name look-up that hangs would keep the process for long after the check gave up on it.
process.exit(canSend(check) ? 0 : 1);
