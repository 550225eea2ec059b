import { resolve } from 'node:path';
import { canSend, checkHoneycombKey, describeKeyCheck, findKey } from '@tandem/telemetry/honeycomb';
import { readArguments } from './lib/arguments.ts';
import { loadDotEnv, readDotEnv } from './lib/dot-env.ts';
import { describeKeySource, describeMisplacedKey } from './lib/key-source.ts';
import { callOf } from './lib/root.ts';
import { findStrayEnvFiles } from './lib/stray-env-files.ts';

readArguments(
  `Usage: ${callOf('honeycomb:check')}

Says whether Honeycomb takes the key, and where the key came from.`,
  {},
);
try {
  const path = resolve('.env'); // the launchers start every script in the workspace's root
  loadDotEnv(path);
  const key = findKey(process.env);
  const misplaced = describeMisplacedKey(key);
  const check = misplaced === undefined ? await checkHoneycombKey(key) : undefined;
  const source = describeKeySource(key, process.env, readDotEnv(path), findStrayEnvFiles(path));
  process.stdout.write(
    `${check === undefined ? `Honeycomb: not asked. ${misplaced}` : describeKeyCheck(check)}\n${source}\n`,
  );
  // Not exitCode: a hanging name look-up would keep the process alive long after the check gave up.
  process.exit(check !== undefined && canSend(check) ? 0 : 1);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
