import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import * as attributes from '../src/attributes.ts';

const SOURCES = join(import.meta.dirname, '..', 'src');
/** A name in code, not in a comment. The option of a plugin and the keys of symbols are no attributes. */
const NAME = /^(?!\s*(?:\/\/|\/?\*)).*?['"`](tandem\.(?!tracing)[\w.]*)['"`$]/gm;

t.test('attributes of our own are named in one file, which the documents are made of', async (t) => {
  const named = globSync('**/*.ts', { cwd: SOURCES })
    .filter((file) => file !== 'attributes.ts')
    .flatMap((file) =>
      Array.from(readFileSync(join(SOURCES, file), 'utf8').matchAll(NAME), ([, name]) => `${file}: ${name}`),
    );
  t.strictSame(named, []);
  const names = Object.values(attributes);
  t.equal(new Set(names).size, names.length);
});
