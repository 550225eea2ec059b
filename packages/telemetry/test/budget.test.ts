import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import t from 'tap';

/** Lines of all of src/, and of the core, types included. Aims: 8,000 and 5,500; these limits only go down. */
const MAX_LINES = 7_900;
const MAX_CORE_LINES = 5_965;
/** Lines of one file. */
const MAX_FILE_LINES = 300;

/** The entries that are the core: what a service imports, and what `node --import` loads. */
const CORE = ['index.ts', 'register.ts'];
/** Entries of their own, of which the core loads nothing but `sampling`, where OTEL_TRACES_SAMPLER asks for it. */
const BESIDE = ['doctor', 'honeycomb/index.ts', 'kysely', 'propagators', 'sampling', 'testing'];

const SOURCES = join(import.meta.dirname, '..', 'src');

/** The files that these import, directly or not; types and `import()` included. */
function closureOf(entries: readonly string[]): string[] {
  const files = new Set(entries.map((entry) => join(SOURCES, entry)));
  // A Set is walked in the order of its entries, those that are added meanwhile too.
  for (const file of files)
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(
      /(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g,
    ))
      files.add(resolve(dirname(file), path));
  return Array.from(files, (file) => relative(SOURCES, file).replaceAll('\\', '/'));
}

function linesOf(files: readonly string[]): number {
  const count = (file: string) => readFileSync(join(SOURCES, file), 'utf8').split('\n').length - 1;
  return files.map(count).reduce((sum, lines) => sum + lines, 0);
}

const all = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);
const core = closureOf(CORE);

t.test('the package and its core keep to their lines', async (t) => {
  t.comment(`${linesOf(all)} lines, core ${linesOf(core)} in ${core.length} files`);
  t.ok(core.includes('fastify/tracing.ts') && core.includes('export/spool.ts'), 'the walk finds the files');
  t.ok(linesOf(all) <= MAX_LINES, `${linesOf(all)} lines in all`);
  t.ok(linesOf(core) <= MAX_CORE_LINES, `${linesOf(core)} lines of the core`);
  for (const file of all) t.ok(linesOf([file]) <= MAX_FILE_LINES, file);
});

t.test('the core imports none of the entries beside it', async (t) => {
  t.strictSame(
    core.filter((file) => BESIDE.some((entry) => file.startsWith(entry))),
    [],
  );
});
