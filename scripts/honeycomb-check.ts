// `pnpm honeycomb:check`: says in one line whether Honeycomb takes the key, and in a second line where the key came from.
import { existsSync, readFileSync } from 'node:fs';
import { canSend, checkHoneycombKey, describeKeyCheck, findKey } from '@tandem/telemetry/honeycomb';
import { describeKeySource } from './lib/key-source.ts';

const key = readKey();
const check = await checkHoneycombKey(key);
const envFile = existsSync('.env') ? readFileSync('.env', 'utf8') : undefined;
process.stdout.write(`${describeKeyCheck(check)}\n${describeKeySource(key, process.env, envFile)}\n`);
// Not exitCode: a name look-up that hangs would keep the process for long after the check gave up on it.
process.exit(canSend(check) ? 0 : 1);

function readKey(): ReturnType<typeof findKey> {
  try {
    return findKey(process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
