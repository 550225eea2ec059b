import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { blocksOf, commandsOf, DOCUMENTS, parseBlocks } from './helpers/command-blocks.ts';
import { ROOT } from './helpers/processes.ts';

/** Languages of blocks that are not typed into a terminal. */
const NOT_COMMANDS = ['diff', 'env', 'html', 'js', 'json', 'mermaid', 'text', 'ts', 'yaml'];
/** Why the gate does not run a block's commands. */
const REASONS = [
  'needs an account',
  'needs Docker',
  'needs a cluster',
  'needs a Collector',
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
    t.ok(DOCUMENTS.includes('README.md') && DOCUMENTS.includes('docs/nothing-arrives.md'));
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
