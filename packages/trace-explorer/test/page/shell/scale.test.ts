import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const page = fileURLToPath(new URL('../../../src/page', import.meta.url));
const sheets = globSync(`${page}/**/*.css`).map((path) => ({
  name: basename(path),
  text: readFileSync(path, 'utf8'),
}));
const scale = sheets.find(({ name }) => name === 'scale.css')?.text ?? '';

t.test('text has one of five sizes, and one file names them', (t) => {
  const sizes = [...scale.matchAll(/^ {2}--\w+: ([\d.]+)rem;$/gm)].map(([, rem]) => Number(rem) * 16);
  t.same(sizes, [12, 13, 16, 20, 24]);
  const elsewhere = sheets.flatMap(({ name, text }) =>
    [...text.matchAll(/font(?:-size)?:[^;]*/g)]
      .filter(([rule]) => /\d/.test(rule.replaceAll(/\/ [\d.]+rem/g, '')))
      .map(([rule]) => `${name}: ${rule}`),
  );
  t.same(elsewhere, []);
  t.end();
});

t.test('what moves takes at most 120 ms, and no time with reduced motion', (t) => {
  t.match(scale, /--move: 120ms/);
  t.match(scale, /prefers-reduced-motion: reduce\) \{\s+:root \{\s+--move: 0s;/);
  const transitions = sheets.flatMap(({ text }) => text.match(/transition:[^;]*/g) ?? []);
  t.ok(transitions.length > 0);
  t.same(
    transitions.filter((rule) => !rule.endsWith('var(--move)')),
    [],
  );
  t.end();
});
