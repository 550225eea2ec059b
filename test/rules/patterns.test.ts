import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { parseSync, Visitor } from 'oxc-parser';
import t from 'tap';
import { IS_NIGHT } from '../helpers/nightly.ts';
import type { Attack } from '../helpers/pattern-attacks.ts';
import { attacksOn } from '../helpers/pattern-attacks.ts';

// At night too: how the time of a text grows with its length.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Patterns of texts that are short whoever wrote the rest. */
const SHORT: Readonly<Record<string, string>> = {
  '/\\B(?=(?:\\d{3})+$)/g': 'the digits of a number',
  '/0+$/': 'fourteen digits of a threshold',
  '/\\(?((?:file:\\/\\/|\\/|[A-Za-z]:\\\\)[^()]*):(\\d+):\\d+\\)?$/': 'a line of the stack of this process',
};
/** Files that make patterns of parts and that received-text.test.ts does not read with: why they need no reader. */
const WITHOUT_READER: Readonly<Record<string, string>> = {
  'services/activities-api/src/user-lookup/call.ts': 'one set of characters, whose number is bounded',
  'packages/telemetry/src/service/doctor/examine-service.ts':
    'names of metrics of ours, and sets of characters',
  'packages/service-kit/src/server/waiting-connections.ts': 'a table of the kernel',
  'packages/telemetry/src/guest/injected/last-line.ts': 'a name of our table, in a file of a library',
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
const readers = globSync(
  ['test/rules/received-text.test.ts', 'packages/trace-explorer/test/parts/*/readers.ts'],
  {
    cwd: ROOT,
  },
)
  .map((path) => readFileSync(join(ROOT, path), 'utf8'))
  .join('');

/** The patterns of a file's source. */
function patternsIn(file: string): { readonly literals: readonly RegExp[]; readonly makes: boolean } {
  const literals: RegExp[] = [];
  let makes = false;
  const { errors, program } = parseSync(file, readFileSync(join(ROOT, file), 'utf8'));
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  new Visitor({
    Literal: (node) => {
      if ('regex' in node) literals.push(new RegExp(node.regex.pattern, node.regex.flags));
    },
    NewExpression: ({ callee }) => {
      if (callee.type === 'Identifier' && callee.name === 'RegExp') makes = true;
    },
  }).visit(program);
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

/** Milliseconds for all first looks at one pattern: a machine that is busy does not need them, and an exponential one never ends. */
const LOOKS_MS = 10_000;
const looking = createContext({ look() {} });

/** The first attack that has no end, or by night takes more than linear time. */
function badAttack(pattern: RegExp, mostMs = LOOKS_MS): string | undefined {
  const global = new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/gu, '')}g`);
  const attacks = attacksOn(pattern);
  const textOf = ({ prefix, pump, suffix }: Attack, length: number) =>
    prefix + pump.repeat(Math.ceil(length / pump.length)) + suffix;
  const times: number[] = [];
  looking.look = () => {
    for (const attack of attacks) {
      const first = textOf(attack, FIRST);
      const before = performance.now();
      first.replace(global, '');
      times.push(performance.now() - before);
    }
  };
  try {
    runInContext('look()', looking, { timeout: mostMs });
  } catch (error) {
    if (Object(error).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    const { prefix, pump, suffix } = attacks[times.length] as Attack;
    return `${JSON.stringify(prefix)} ${JSON.stringify(pump)} … ${JSON.stringify(suffix)}: no end for ${FIRST} characters`;
  }
  if (!IS_NIGHT) return undefined;
  for (const [at, attack] of attacks.entries()) {
    const { prefix, pump, suffix } = attack;
    const took = times[at] ?? 0;
    if (took < LITTLE_MS) continue;
    const words = `${JSON.stringify(prefix)} ${JSON.stringify(pump)} … ${JSON.stringify(suffix)}`;
    if (took > ENDLESS_MS) return `${words}: ${took} ms for ${FIRST} characters`;
    const best = (length: number) => Math.min(...[1, 2, 3].map(() => timeOf(global, textOf(attack, length))));
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

t.test('a pattern that takes exponential time is found, and ends', async (t) => {
  t.match(badAttack(/^(?:a+)+$/, 500), /"a" … .*: no end/);
});

for (const folder of globSync('{packages,services}/*/src', { cwd: ROOT }).sort())
  t.test(`each pattern reads hostile texts to their end: ${folder}`, async (t) => {
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
