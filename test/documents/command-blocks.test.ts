import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import {
  blocksOf,
  commandsOf,
  DOCUMENTS,
  hasShape,
  linesNotPrinted,
  parseBlocks,
} from '../helpers/command-blocks.ts';
import { ROOT } from '../helpers/processes.ts';

/** Languages of blocks that are not typed into a terminal. */
const NOT_COMMANDS = ['diff', 'env', 'html', 'js', 'json', 'mermaid', 'text', 'ts', 'yaml'];
/** Why the gate does not run a block's commands. */
const REASONS = [
  'needs an account',
  'needs Docker',
  'needs a cluster',
  'needs PostgreSQL',
  'needs a Collector',
  'needs a ClickHouse server',
  'needs another language',
  'asks a registry',
  'needs a service of yours',
  'is the gate itself',
];

/** The mistake in a block's mark; undefined when the mark is right. */
function problemOf(language: string, mark: string | undefined): string | undefined {
  const [, reason] = /^not run: (.+)$/.exec(mark ?? '') ?? [];
  const [, test] = /^run by (.+)$/.exec(mark ?? '') ?? [];
  if (language === 'sh') {
    if (reason !== undefined) return REASONS.includes(reason) ? undefined : `${reason} is no known reason`;
    if (test !== undefined) return existsSync(join(ROOT, test)) ? undefined : `there is no ${test}`;
    return undefined; // command-blocks.nightly.test.ts runs it
  }
  if (reason !== undefined || test !== undefined) return 'only commands (sh) are run or not';
  return NOT_COMMANDS.includes(language)
    ? undefined
    : `is ${language || 'nothing'}: sh for commands, one of ${NOT_COMMANDS.join(', ')} for what is none`;
}

t.test(
  'every block of a document says whether it has commands, and those that are not run say why',
  async (t) => {
    t.ok(DOCUMENTS.includes('README.md'));
    const blocks = DOCUMENTS.flatMap(blocksOf);
    for (const { place, language, mark } of blocks) t.equal(problemOf(language, mark), undefined, place);
    const inOutput = blocks.filter(
      (block) =>
        block.language === 'text' &&
        commandsOf(block).some((line) => /^(?:node|npm|npx|pnpm|docker) /.test(line)),
    );
    t.strictSame(
      inOutput.map(({ place }) => place),
      [],
      'commands are no text',
    );
  },
);

t.test('blocks in lists and behind marks are read, and a wrong mark is named', async (t) => {
  const text = [
    '1. First:',
    '',
    '   <!-- not run: needs an account -->',
    '   ```sh',
    '   node tandem trace   # the newest',
    '',
    '   # nothing',
    '   ```',
    'text',
    '```',
    'x',
    '```',
  ].join('\n');
  const [first, second] = parseBlocks('a.md', text);
  t.match(first, { place: 'a.md:4', language: 'sh', mark: 'not run: needs an account' });
  t.strictSame(first && commandsOf(first), ['node tandem trace']);
  t.match(second, { place: 'a.md:10', language: '', mark: undefined });
  t.match(problemOf('', undefined), /^is nothing: sh for commands/);
  t.equal(problemOf('sh', 'not run: it is late'), 'it is late is no known reason');
  t.equal(problemOf('sh', 'run by test/none.test.ts'), 'there is no test/none.test.ts');
  t.match(problemOf('text', 'not run: needs Docker'), /^only commands/);
});

t.test('shown output is compared by its shape: numbers, ids and bars differ, words do not', async (t) => {
  const shown = 'user-lookup     SELECT users  464 µs       ▍';
  t.ok(hasShape('user-lookup SELECT users 1.20 ms ███', shown));
  t.notOk(hasShape('user-lookup SELECT people 464 µs ▍', shown));
  t.ok(
    hasShape('a GET /slow  1,436  7  7', 'a GET /  225  11  13'),
    'which routes a table of figures has is chance',
  );
  t.notOk(hasShape('a GET /slow  1,436  none', 'a GET /  225  11'));
  t.ok(hasShape('tried on 1,200 traces of 2 minutes', 'tried on 800 traces of 40 seconds'));
  t.ok(
    hasShape(
      'server-timing: a;desc="00-1", trace;desc=00-ff01a2b3c4d5e6f7-00',
      'server-timing: …, trace;desc=00-0102030405060708-01',
    ),
  );
  t.ok(
    hasShape(
      '· INFO +1.46 ms request reqId=req-c method=G…',
      '· INFO  +49.6 ms request  reqId=req-2 method=GET…',
    ),
    'lines that were cut',
  );
  const [block] = parseBlocks('a.md', ['```text', 'one 1', '', 'two …', '```'].join('\n'));
  t.strictSame(block && linesNotPrinted(block, 'one 27\nthree'), ['two …']);
  const [stall] = parseBlocks(
    'b.md',
    ['```text', '! a stood still for 3 ms: its own code ran.', '```'].join('\n'),
  );
  t.equal(stall && linesNotPrinted(stall, '! a stood still for 3 ms: a call blocked it.').length, 1);
  for (const busy of ['it waited for a processor.', 'it waited for a\nprocessor for 7 ms.'])
    t.strictSame(stall && linesNotPrinted(stall, `! a stood still for 9 ms: ${busy}`), []);
  const wrapped = '! a stood still\nfor 12.5 ms: its own\ncode ran.\n\n! b did not.';
  t.strictSame(stall && linesNotPrinted(stall, wrapped), [], 'wherever it is wrapped');
});
