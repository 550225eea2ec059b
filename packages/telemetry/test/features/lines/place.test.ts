import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import t from 'tap';
import { codeLines } from '../../../src/common/code-lines.ts';
import { lookUp } from '../../../src/features/lines/app-place.ts';
import { placeIn } from '../../../src/features/lines/error-place.ts';

// Alone in its process: source maps are on for a while.
const folder = t.testdir();
const require = createRequire(import.meta.url);
codeLines.value = { folder };
t.teardown(() => {
  codeLines.value = undefined;
});

/** Calls a function that it gets, in line 3. */
const CODE = 'module.exports = (lookUp) => {\n  const found =\n    lookUp();\n  return found;\n};\n';

/** What the code of a file says, which is run as it is, or as something else has compiled it. */
function placeFrom(name: string, text: string, compiled?: string) {
  const path = join(folder, name);
  writeFileSync(path, text);
  const script = compiled && new Script(compiled, { filename: path });
  const run: (look: typeof lookUp) => ReturnType<typeof lookUp> = script
    ? script.runInThisContext()
    : require(path);
  return run(lookUp).place?.attributes;
}

t.test('a file that runs as it is on disk has a line', async (t) => {
  const texts = {
    'plain.cjs': CODE,
    'returns.cjs': CODE.replaceAll('\n', '\r\n'),
    'mark.cjs': `\uFEFF${CODE}`,
    'letters.cjs': CODE.replace('{', '{ /* déjà 💶 */'),
    'hashbang.cjs': `#!/usr/bin/env node\n${CODE.replace('=\n', '=')}`,
  };
  for (const [name, text] of Object.entries(texts))
    t.same(placeFrom(name, text), {
      'code.file.path': name,
      'code.line.number': 3,
      'code.function.name': 'module.exports',
    });
});

t.test('types that Node takes away move no line', async (t) => {
  const text = CODE.replace('(lookUp)', '(lookUp: () => { place: unknown }, more?: string): unknown');
  t.match(placeFrom('types.cts', text), { 'code.file.path': 'types.cts', 'code.line.number': 3 });
});

t.test('code that something else has compiled has its file and function, and no line', async (t) => {
  const compiled = '(function withUsers(lookUp) { return lookUp(); })';
  t.same(placeFrom('other.ts', CODE, compiled), {
    'code.file.path': 'other.ts',
    'code.function.name': 'withUsers',
  });
  t.same(
    placeFrom(
      'shifted.ts',
      CODE,
      `// a line more\n(${CODE.replace('module.exports = ', '').replace(';\n};', '})')}`,
    ),
    {
      'code.file.path': 'shifted.ts',
    },
  );
});

t.test('evaluated code has the file that it names, or no place', async (t) => {
  const evaluated = (name: string) =>
    new Function('lookUp', `return (function withUsers() { return lookUp(); })();\n//# sourceURL=${name}`);
  const placeOf = (name: string) => evaluated(name)(lookUp).place?.attributes;
  writeFileSync(join(folder, 'page.js'), CODE);
  t.same(placeOf(join(folder, 'page.js')), {
    'code.file.path': 'page.js',
    'code.function.name': 'withUsers',
  });
  t.equal(placeOf('webpack-internal:///./app/page.js'), undefined);
});

t.test('in a bundle the column says where in its line', async (t) => {
  const text = `${' '.repeat(5000)}${CODE.replaceAll('\n', ' ')}`;
  const found = placeFrom('b.cjs', text);
  t.match(found, { 'code.line.number': 1, 'code.column.number': text.indexOf('lookUp()') + 1 });
});

t.test('a map that Node knows leads to the source, and past the code of libraries', async (t) => {
  process.setSourceMapsEnabled(true);
  t.teardown(() => process.setSourceMapsEnabled(false));
  const map = (source: string) => {
    // Every line of the file is line 8 of the source, and following ones.
    const content = { version: 3, sources: [source], names: [], mappings: 'AAOA;AACA;AACA;AACA;AACA' };
    const json = Buffer.from(JSON.stringify(content)).toString('base64');
    return `//# sourceMappingURL=data:application/json;base64,${json}`;
  };
  t.match(placeFrom('mapped.cjs', CODE + map('src/orders.ts')), {
    'code.file.path': 'src/orders.ts',
    'code.line.number': 10,
  });
  mkdirSync(join(folder, 'src'), { recursive: true });
  writeFileSync(join(folder, 'src/shop.js'), '');
  writeFileSync(join(folder, 'package.json'), '{}');
  t.match(placeFrom('packed.cjs', CODE + map('webpack://shop/./src/shop.js')), {
    'code.file.path': 'src/shop.js',
    'code.line.number': 10,
  });
  for (const [at, source] of ['src/nowhere.js', '../shop.js', 'webpack/bootstrap', ''].entries())
    t.match(
      placeFrom(`unknown${at}.cjs`, CODE + map(`webpack://shop/./${source}`)),
      { 'code.file.path': `unknown${at}.cjs` },
      'the place in the bundle',
    );
  const bundled = placeFrom('bundled.cjs', CODE + map('node_modules/axios/index.js'));
  t.match(bundled?.['code.file.path'], /place\.test\.ts$/, 'the frame above');
});

t.test('a path is relative to the folder, also outside of it', async (t) => {
  codeLines.value = { folder: join(folder, 'app') };
  t.match(placeFrom('beside.cjs', CODE), { 'code.file.path': '../beside.cjs' });
  codeLines.value = { folder };
});

t.test('the text of a stack names the first frame of the app', async (t) => {
  const path = join(folder, 'plain.cjs');
  const stack = (frames: readonly string[]) =>
    `Error: at work (/a.js:1:1)\n${frames.map((frame) => `    at ${frame}`).join('\n')}`;
  const library = `Object.parse (${dirname(folder)}/node_modules/x/index.js:1:1)`;
  const place = (...frames: readonly string[]) => placeIn(stack(frames))?.attributes;
  const at = { 'code.file.path': 'plain.cjs', 'code.line.number': 3 };
  t.same(place(library, 'node:internal/x:1:1', `async OrderService.place (${path}:3:5)`, `a (${path}:1:1)`), {
    ...at,
    'code.function.name': 'OrderService.place',
  });
  t.same(place(`Object.placeOrder [as handler] (${path}:3:5)`), {
    ...at,
    'code.function.name': 'placeOrder',
  });
  t.same(place(`${path}:3:5`), at);
  t.same(place(`file://${path}:3:5`), at);
  t.same(place(`${path}:99:5`), { 'code.file.path': 'plain.cjs' }, 'a line that the file lacks');
  t.equal(place(library), undefined);
  t.equal(placeIn(`Error\n    at ${'a ('.repeat(100_000)}`), undefined);
});
