import { globSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { tokens } from '../../../src/lib/node/tokens.ts';

const src = fileURLToPath(new URL('../../../src', import.meta.url));
const sheets = globSync(`${src}/**/*.css`)
  .map((path) => ({ name: relative(src, path), text: readFileSync(path, 'utf8') }))
  .filter(({ name }) => !name.endsWith('tokens.css') && !name.endsWith('fonts.css'));

/** Rules of all other styles that are against something, with their file. */
const against = (find: RegExp, isWrong: (value: string) => boolean = () => true) =>
  sheets.flatMap(({ name, text }) =>
    [...text.matchAll(find)].filter(([rule]) => isWrong(rule)).map(([rule]) => `${name}: ${rule}`),
  );

t.test('text has one of six sizes and three weights, and the tokens alone name them', async (t) => {
  const sizes = [...tokens.matchAll(/--size-(\d+): ([\d.]+)rem;/g)];
  t.same(
    sizes.map(([, , rem]) => Number(rem) * 16),
    [11, 12, 13, 15, 20, 28],
  );
  for (const [, name, rem] of sizes) t.equal(Number(rem) * 16, Number(name));
  t.same(
    against(/\bfont(?:-size)?:[^;]*/g, (rule) => /\d(?:px|rem|em|%)/.test(rule.replace(/\/ [\d.]+rem/, ''))),
    [],
  );
  t.same(
    against(/\bfont-weight:[^;]*/g, (rule) => !/(?:400|500|600|inherit)$/.test(rule)),
    [],
  );
});

t.test('colours stand in the tokens alone', async (t) => {
  t.same(against(/#[\da-f]{3,8}\b(?=[^{}]*;)/gi), []);
});

t.test('what a style names is there', async (t) => {
  const names = (text: string) => [...text.matchAll(/(--[\w-]+):/g)].map(([, name]) => name);
  const scripts = globSync(`${src}/**/*.tsx`).map((path) => readFileSync(path, 'utf8'));
  const known = new Set([
    ...names(tokens),
    ...sheets.flatMap(({ text }) => names(text)),
    ...scripts.flatMap((text) => [...text.matchAll(/'(--[\w-]+)'/g)].map(([, name]) => name)),
  ]);
  t.same(
    against(/var\((--[\w-]+)/g, (rule) => !known.has(rule.slice(4))),
    [],
  );
});

t.test('what moves takes at most 140 ms, and no time with reduced motion', async (t) => {
  t.match(tokens, /--ease: 140ms/);
  t.match(tokens, /prefers-reduced-motion: reduce\) \{\s+:root \{\s+--ease: 0s;/);
  t.same(
    against(/transition:[^;]*/g, (rule) => !/var\(--ease\)$/.test(rule)),
    [],
  );
});
