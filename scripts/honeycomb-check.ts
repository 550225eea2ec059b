import { resolve } from 'node:path';
import { readArguments } from '../tools/arguments.ts';
import { callOf } from '../tools/root.ts';
import { loadDotEnv, readDotEnv } from './lib/dot-env.ts';
import { askAboutKey } from './lib/honeycomb/key-answer.ts';

readArguments(
  `Usage: ${callOf('honeycomb:check')}

Says whether Honeycomb takes the key, and where the key came from.`,
  {},
);
try {
  const path = resolve('.env'); // the launchers start every script in the workspace's root
  loadDotEnv(path);
  const { canSend, line, source } = await askAboutKey(process.env, readDotEnv(path));
  process.stdout.write(`${line}\n${source}\n`);
  // Not exitCode: a hanging name look-up would keep the process alive long after the check gave up.
  process.exit(canSend ? 0 : 1);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
