import t from 'tap';
import { nodeParts } from '../../../src/parts.node.ts';
import { runCli } from './run-cli.ts';

/** Nobody listens there. */
const URL = ['--url', 'http://127.0.0.1:1'];
const [FILE, RUN] = ['/tmp/file.save', 'Did you mean --run /tmp/file.save?'];

/** A call of each command with a word too many, and what it says was meant. */
const CALLS: Readonly<Record<string, readonly [words: readonly string[], meant: string]>> = {
  logs: [['foo', ...URL], 'Did you mean --grep foo, or --service foo, or --trace foo?'],
  verify: [[FILE, ...URL], RUN],
  mcp: [['foo', ...URL], ''],
  agents: [['foo', ...URL], ''],
  query: [['query.json', 'foo', ...URL], ''],
  report: [['run-1', 'run-2', ...URL], 'Did you mean --base run-2?'],
  compare: [['run-1', 'run-2', 'run-3', ...URL], ''],
  known: [['add', 'all', FILE, ...URL], RUN],
  pull: [['clickhouse+http://127.0.0.1:1/otel', 'foo'], ''],
};
/** Each word of these is a file, an id, or the command's own. */
const TAKE_ALL = ['trace', 'import', 'export', 'check', 'sample', 'run'];

t.test('a command takes no word that it would pass over, and names what was likely meant', async (t) => {
  const names = nodeParts.flatMap(({ commands = {} }) => Object.keys(commands));
  t.strictSame(names.toSorted(), [...Object.keys(CALLS), ...TAKE_ALL].toSorted(), 'all commands');
  const calls = [...Object.entries(CALLS), ['known', [['prune', FILE, ...URL], RUN]] as const];
  for (const [command, [args, meant]] of calls) {
    const { code, out, error } = await runCli(command, args);
    t.equal(code, 2, command);
    t.equal(out, '');
    const [first = ''] = error.split('\n');
    t.match(first, /^Unexpected argument "[^"]+"\./, command);
    t.ok(first.endsWith(meant || '".'), `${command}: ${first}`);
  }
});
