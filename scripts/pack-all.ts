import { globSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { readArguments, UsageError } from '../tools/arguments.ts';
import { callOf, ROOT } from '../tools/root.ts';
import { packPackage } from './lib/pack-package.ts';

// `pack:all` is for people without this repository: `npm install ./dist/NAME-VERSION.tgz`.
const packable = globSync('packages/*/pack.ts', { cwd: ROOT }).map((path) => basename(dirname(path)));
const USAGE = `Usage: ${callOf('pack:all')} [PACKAGE …] [--out FOLDER, dist]

Builds the tarballs of the packages that you name, or of all: ${packable.toSorted().join(', ')}.`;
const out = { type: 'string', default: join(ROOT, 'dist') } as const;
const { values, positionals } = readArguments(
  USAGE,
  { options: { out }, allowPositionals: true },
  (given) => {
    const unknown = given.positionals.find((name) => !packable.includes(name));
    if (unknown !== undefined) throw new UsageError(`There is no packages/${unknown}/pack.ts.`);
    return given;
  },
);
for (const name of positionals.length > 0 ? positionals : packable.toSorted()) {
  const tarball = await packPackage(name, resolve(values.out));
  const { size } = await stat(tarball);
  console.log(`${relative(process.cwd(), tarball)}  ${Math.ceil(size / 1024)} kB`);
}
