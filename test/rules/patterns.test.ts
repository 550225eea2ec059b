import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { attacksOn } from './helpers/pattern-attacks.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Its TypeScript parses in this process; the workspace's own has no such API. */
const typescript = createRequire(import.meta.resolve('@microsoft/api-extractor'))('typescript');

/** Patterns of texts that are short whoever wrote the rest. */
const SHORT: Readonly<Record<string, string>> = {
  '/\\B(?=(?:\\d{3})+$)/g': 'the digits of a number',
  '/0+$/': 'fourteen digits of a threshold',
  '/\\(?((?:file:\\/\\/|\\/|[A-Za-z]:\\\\)[^()]*):(\\d+):\\d+\\)?$/': 'a line of the stack of this process',
};
/** Files that make patterns of parts and that received-text.test.ts does not read with: why they need no reader. */
const WITHOUT_READER: Readonly<Record<string, string>> = {
  'services/activities-api/src/user-lookup/call.ts': 'one set of characters, whose number is bounded',
  'packages/telemetry/src/doctor/examine-service.ts': 'names of metrics of ours, and sets of characters',
  'packages/service-kit/src/server/waiting-connections.ts': 'a table of the kernel',
  'packages/telemetry/src/drivers/injected/last-line.ts': 'a name of our table, in a file of a library',
  'packages/trace-explorer/src/parts/query/server/saved-queries/query-folder.ts':
    'one set of characters, whose number is bounded',
  'packages/trace-explorer/src/core/redaction/cut-copies.ts': 'alternatives without a repetition',
  'packages/trace-explorer/src/core/command/terminal/colours.ts': 'the tokens of ours',
  'packages/trace-explorer/src/core/traces/findings/waits/connections.ts':
    'alternatives without a repetition',
  'packages/trace-explorer/src/core/traces/read/habits/own-connections.ts':
    'alternatives without a repetition',
  'packages/trace-explorer/src/core/traces/list/find-traces.ts': 'numbers of digits are bounded',
};
const readers = globSync(['test/received-text.test.ts', 'packages/trace-explorer/test/parts/*/readers.ts'], {
  cwd: ROOT,
})
  .map((path) => readFileSync(join(ROOT, path), 'utf8'))
  .join('');

/** The patterns of a file's source. */
function patternsIn(file: string): { readonly literals: readonly RegExp[]; readonly makes: boolean } {
  const literals: RegExp[] = [];
  let makes = false;
  const { SyntaxKind, ScriptKind, ScriptTarget } = typescript;
  const kind = file.endsWith('x') ? ScriptKind.TSX : ScriptKind.TS;
  const text = readFileSync(join(ROOT, file), 'utf8');
  // biome-ignore lint/suspicious/noExplicitAny: the nodes have the types of another TypeScript
  const visit = (node: any): void => {
    if (node.kind === SyntaxKind.RegularExpressionLiteral) {
      const end = node.text.lastIndexOf('/');
      literals.push(new RegExp(node.text.slice(1, end), node.text.slice(end + 1)));
    }
    if (node.kind === SyntaxKind.NewExpression && node.expression.text === 'RegExp') makes = true;
    typescript.forEachChild(node, visit);
  };
  visit(typescript.createSourceFile(file, text, ScriptTarget.Latest, false, kind));
  return { literals, makes };
}

/** Characters of a first look, and of the text whose double is compared. */
const [FIRST, LONG] = [2_000, 8_000];
/** Milliseconds that a linear pattern does not take for the first look. */
const LITTLE_MS = 0.7;
/** Milliseconds that no compiler and no interruption adds to each of three tries. */
const NOISE_MS = 100;
/** Milliseconds after which a longer text need not be tried. */
const ENDLESS_MS = 2_000;

/** The first attack that takes more than linear time. */
function badAttack(pattern: RegExp): string | undefined {
  const global = new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/gu, '')}g`);
  for (const { prefix, pump, suffix } of attacksOn(pattern)) {
    const textOf = (length: number) => prefix + pump.repeat(Math.ceil(length / pump.length)) + suffix;
    const first = textOf(FIRST);
    const before = performance.now();
    first.replace(global, '');
    const took = performance.now() - before;
    if (took < LITTLE_MS) continue;
    const words = `${JSON.stringify(prefix)} ${JSON.stringify(pump)} … ${JSON.stringify(suffix)}`;
    if (took > ENDLESS_MS) return `${words}: ${took} ms for ${FIRST} characters`;
    const best = (length: number) => Math.min(...[1, 2, 3].map(() => timeOf(global, textOf(length))));
    const [once, twice] = [best(LONG), best(2 * LONG)];
    // A few milliseconds are also what compiling or an interruption takes: then an eightfold text tells growth.
    const grows = () => twice > NOISE_MS || best(8 * LONG) > 3 ** 3 * best(LONG);
    if (twice > 3 * once && twice > 5 && grows()) return `${words}: ${once} ms, then ${twice} ms`;
  }
  return undefined;
}

/** Processor time in milliseconds. */
function timeOf(pattern: RegExp, text: string): number {
  const before = process.cpuUsage();
  text.replace(pattern, '');
  return process.cpuUsage(before).user / 1000;
}

for (const folder of globSync('{packages,services}/*/src', { cwd: ROOT }).sort())
  t.test(`twice the text takes each pattern about twice the time: ${folder}`, async (t) => {
    for (const file of globSync(`${folder}/**/*.{ts,tsx}`, { cwd: ROOT }).sort()) {
      const { literals, makes } = patternsIn(file);
      for (const pattern of literals)
        if (!(String(pattern) in SHORT)) t.equal(badAttack(pattern), undefined, `${file}: ${pattern}`);
      if (makes)
        t.ok(
          readers.includes(`${file.slice(file.indexOf('/src/'))}'`) || file in WITHOUT_READER,
          `${file} makes patterns and has a reader`,
        );
    }
  });
