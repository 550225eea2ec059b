import { globSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { packPackage } from './lib/pack-package.ts';
import { ROOT } from './lib/root.ts';

// `pnpm pack:all [NAME…] [--out FOLDER]`: builds the tarball of each package that has a `pack.ts`, or of those that are
// named, into dist/. What is in them is for people without this repository: `npm install ./dist/NAME-VERSION.tgz`.
const { values, positionals } = parseArgs({
  options: { out: { type: 'string', default: join(ROOT, 'dist') } },
  allowPositionals: true,
});
const packable = globSync('packages/*/pack.ts', { cwd: ROOT }).map((path) => basename(dirname(path)));
const unknown = positionals.find((name) => !packable.includes(name));
if (unknown !== undefined) {
  console.error(
    `There is no packages/${unknown}/pack.ts. Packages with one: ${packable.toSorted().join(', ')}.`,
  );
  process.exit(1);
}
for (const name of positionals.length > 0 ? positionals : packable.toSorted()) {
  const tarball = await packPackage(name, resolve(values.out));
  const { size } = await stat(tarball);
  console.log(`${relative(process.cwd(), tarball)}  ${Math.ceil(size / 1024)} kB`);
}
