import { join, resolve } from 'node:path';
import type { AcceptedKey } from '@tandem/telemetry/honeycomb';
import { checkHoneycombKey, describeKeyCheck, nameEndpoint } from '@tandem/telemetry/honeycomb';
import { readArguments } from './lib/arguments.ts';
import { loadDotEnv, readDotEnv } from './lib/dot-env.ts';
import type { Step } from './lib/honeycomb/apply.ts';
import { applyDefinitions } from './lib/honeycomb/apply.ts';
import { HoneycombClient } from './lib/honeycomb/client.ts';
import { configurationKey } from './lib/honeycomb/configuration-key.ts';
import { readDefinitions } from './lib/honeycomb/definitions.ts';
import { callOf, ROOT } from './lib/root.ts';

const USAGE = `Usage: ${callOf('honeycomb:apply')} [--yes] [--deploy TEXT, the message of the deploy marker]

Creates the board, its queries, the calculated field, the trigger and the deploy marker of honeycomb/ in an environment of
Honeycomb, and changes nothing that exists. Without --yes it only lists what it would create.`;

const { values } = readArguments(USAGE, {
  options: { yes: { type: 'boolean', default: false }, deploy: { type: 'string' } },
});
try {
  const path = resolve('.env'); // the launchers start every script in the workspace's root
  loadDotEnv(path);
  const definitions = readDefinitions(join(ROOT, 'honeycomb'));
  const marker = { ...definitions.marker, ...(values.deploy !== undefined && { message: values.deploy }) };
  const key = configurationKey(process.env, readDotEnv(path));
  const { endpoint, team, environment } = await requireKey(key);
  const client = new HoneycombClient(endpoint.url, key);
  console.log(`Honeycomb at ${nameEndpoint(endpoint)}: team ${team}, environment ${environment}.\n`);

  const steps: Step[] = [];
  const address = await applyDefinitions(
    client,
    { ...definitions, marker },
    {
      write: values.yes,
      onStep(step) {
        steps.push(step);
        console.log(
          `${(step.action === 'create' ? 'create' : 'is there').padEnd(9)} ${step.kind.padEnd(17)} ${step.name}`,
        );
      },
    },
  );
  const changes = steps.filter(({ action }) => action !== 'keep').length;
  if (changes === 0) console.log('\nAll of honeycomb/ is there.');
  else if (values.yes) console.log(`\nDone: ${changes} of ${steps.length} made.`);
  else
    console.log(
      `\nDry run: made nothing. ${callOf('honeycomb:apply --yes')} makes ${changes} of ${steps.length}.`,
    );
  if (address !== undefined) console.log(`The board: ${address}`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1); // not exitCode: a name look-up that hangs would keep the process for long
}

/** Honeycomb's answer about the key. @throws Error when Honeycomb refuses the key, or the key has no environment */
async function requireKey(apiKey: string): Promise<AcceptedKey> {
  const check = await checkHoneycombKey({ apiKey, endpoint: process.env.HONEYCOMB_API_ENDPOINT });
  if (check.kind !== 'accepted') throw new Error(describeKeyCheck(check));
  if (check.environment === undefined)
    throw new Error(
      'This is a key of Honeycomb Classic, which has no environments. Make a key in an environment of Honeycomb.',
    );
  return check;
}
