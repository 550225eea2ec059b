import { mkdir, readdir } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { readArguments, UsageError } from '../tools/arguments.ts';
import { callOf, ROOT } from '../tools/root.ts';
import { PAIR_NAME, PAIR_SCOPE } from './lib/copy/copy-pair.ts';
import { startPair } from './lib/copy/start-pair.ts';
import { updatePair } from './lib/copy/update-pair.ts';

const USAGE = `Usage: ${callOf('copy')} FOLDER [--name NAME] [--scope @SCOPE]
       ${callOf('copy')} --update FOLDER

Makes a pair of your own in an empty folder: a project with both services, their kit and tests, and with telemetry and the
explorer as packages. docs/copy.md says what comes next. --update brings later changes to such a project.

  --name NAME     the project's name (default: the folder's)
  --scope @SCOPE  the scope of its packages (default: @ and the project's name)`;

const { folder, name, scope, update } = readArguments(
  USAGE,
  {
    allowPositionals: true,
    options: {
      name: { type: 'string' },
      scope: { type: 'string' },
      update: { type: 'boolean', default: false },
    },
  },
  ({ positionals, values }) => {
    const [folder, ...more] = positionals;
    if (folder === undefined || more.length > 0) throw new UsageError('Name one folder.');
    const { name = basename(resolve(folder)), update } = values;
    const { scope = `@${name}` } = values;
    if (update && (values.name ?? values.scope) !== undefined)
      throw new UsageError('--update takes name and scope from the folder: leave --name and --scope out.');
    if (!PAIR_NAME.test(name))
      throw new UsageError(`--name takes lower-case letters, digits, ., _ and -, not ${name}.`);
    if (!PAIR_SCOPE.test(scope)) throw new UsageError(`--scope takes a scope such as @acme, not ${scope}.`);
    return { folder: resolve(process.env.INIT_CWD ?? '', folder), name, scope, update };
  },
);

try {
  process.stdout.write(update ? await updatePair(ROOT, folder) : await start());
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function start(): Promise<string> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0)
    throw new Error(`${folder} is not empty. Name an empty folder, or use --update for a copied pair.`);
  await startPair(ROOT, folder, { name, scope });
  return `${folder}: now \`git init\`, \`npm install\` and \`npm run dev\` there; its README.md says more.\n`;
}
