import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

const SRC = join(import.meta.dirname, '../../../src');
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
const naming = (word: RegExp) => files.filter((name) => word.test(readFileSync(join(SRC, name), 'utf8')));

t.test('an estimate is one number: no file counts what unsampled traces would say', (t) => {
  t.ok(files.length > 100);
  t.same(naming(/\beffective\b/), []);
  t.end();
});

t.test('pulled traces are sampled traces: few files outside of pull and sampling name them', (t) => {
  const others = naming(/\bpulled\b/).filter((name) => !/^parts[\\/](?:pull|sampling)[\\/]/.test(name));
  t.ok(others.length <= 16, others.join('\n'));
  t.end();
});
