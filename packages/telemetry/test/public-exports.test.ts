import { join, relative } from 'node:path';
import t from 'tap';
import { docstringOf, exportsOf } from '../../../scripts/lib/documents/exports.ts';
import { ENTRIES } from '../entries.ts';

const PACKAGE = join(import.meta.dirname, '..');

for (const [entry, path] of Object.entries(ENTRIES)) {
  t.test(`everything that ${entry} exports has a docstring`, async (t) => {
    for (const [name, declaration] of exportsOf(join(PACKAGE, path))) {
      const where = `${name} in ${relative(PACKAGE, declaration.file)}`;
      t.match(docstringOf(declaration), /\w/, where);
    }
  });
}
