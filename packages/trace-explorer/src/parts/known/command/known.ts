import { extraWord, readRequest } from '../../../core/command/arguments.ts';
import { CALL, CliError, DEFAULT_URL } from '../../../core/command/client/explorer-client.ts';
import { gate } from '../../../core/command/gate.ts';
import type { CommandContext } from '../../../core/door/node.ts';
import { addKnown } from './add.ts';
import { listKnown } from './list.ts';
import { pruneKnown } from './prune.ts';

const USAGE = `Lists, adds and removes the problems that a project has accepted. They stand in tandem-known.json at the root of its repository.

  ${CALL} known                         what the file has, and whether the last run here shows it
  ${CALL} known add ID|all --why TEXT   accepts a problem of a run, or all that would fail the gate
  ${CALL} known prune --run FILE        removes what the run asked for and does not show
  --run FILE          a file of run --save, or the id or name of a run that the explorer has (default: the last of this folder)
  --by NAME           who accepts it (default: user.name of git)
  --until DATE        the last day on which it is accepted: 2027-01-31
  --known FILE        another file of this repository
  --url URL           where the explorer is (default: ${DEFAULT_URL})

Exit code 0: done. 2: the file or the run cannot be read, or the file not written.
`;

/** `known`: the problems that a project has accepted. @throws CliError with exit code 2 */
export const knownCommand = gate(run);

async function run(args: readonly string[], context: CommandContext): Promise<void> {
  const text = { type: 'string' } as const;
  const options = { run: text, by: text, why: text, until: text, known: text } as const;
  const { values, positionals, client } = await readRequest(args, USAGE, options, {
    most: 2,
    meant: ['--run'],
  });
  const [what, id] = positionals;
  const asked = { context, client, options: values };
  if (what === undefined) return listKnown(asked);
  if (what === 'add' && id !== undefined) return addKnown(asked, id);
  if (what === 'prune') {
    if (id !== undefined) throw extraWord(id, USAGE, ['--run']);
    return pruneKnown(asked);
  }
  throw new CliError(
    what === 'add'
      ? `Name one problem, by its id, or all.\n\n${USAGE}`
      : `${JSON.stringify(what)} is no such command.\n\n${USAGE}`,
  );
}
