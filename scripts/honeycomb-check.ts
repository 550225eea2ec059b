import { resolve } from 'node:path';
import { canSend, checkHoneycombKey, describeKeyCheck, findKey } from '@tandem/telemetry/honeycomb';
import { readArguments } from './lib/arguments.ts';
import { loadDotEnv, readDotEnv } from './lib/dot-env.ts';
import { describeKeySource } from './lib/key-source.ts';
import { callOf } from './lib/root.ts';

readArguments(
  `Usage: ${callOf('honeycomb:check')}

Says whether Honeycomb takes the key, and where the key came from.`,
  {},
);
try {
  const path = resolve('.env'); // the launchers start every script in the workspace's root
  loadDotEnv(path);
  const key = findKey(process.env);
  const check = await checkHoneycombKey(key);
  process.stdout.write(
    `${describeKeyCheck(check)}\n${describeKeySource(key, process.env, readDotEnv(path))}\n`,
  );
  // Not exitCode: a name look-up that hangs would keep the process for long after the check gave up on it.
  process.exit(canSend(check) ? 0 : 1);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
