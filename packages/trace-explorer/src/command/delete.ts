import { createInterface } from 'node:readline/promises';
import type { Static } from 'typebox';
import { counted } from '../shared/words.ts';
import type { Deleted } from '../traces/api/schemas.ts';
import { readRequest } from './arguments.ts';
import type { ExplorerClient } from './client/explorer-client.ts';
import { CALL, CliError, DEFAULT_URL } from './client/explorer-client.ts';
import { readTime } from './client/read-time.ts';

const DELETE_USAGE = `Deletes what the trace explorer has stored, for good.

  ${CALL} trace delete ID             the trace with this id, or the only one whose id begins so
  ${CALL} trace delete --before TIME  traces whose last span began before: 2026-11-20T08:00, 90m, 12h or 7d ago
  ${CALL} trace delete --all          everything
  ${CALL} trace delete … --yes        without asking
  ${CALL} trace delete … --url URL    where the explorer is (default: ${DEFAULT_URL})
`;

/**
 * `trace delete`: asks on a terminal, and takes `--yes` elsewhere.
 * @throws CliError for unknown arguments, a missing confirmation, or an unknown trace
 */
export async function deleteCommand(args: readonly string[]): Promise<void> {
  const { values, positionals, client } = readRequest(args, DELETE_USAGE, {
    all: { type: 'boolean' },
    before: { type: 'string' },
    yes: { type: 'boolean', short: 'y' },
  });
  const { path, what } = await readTarget(client, values, positionals);
  if (!values.yes && !(await isConfirmed(what))) {
    process.stdout.write('Nothing was deleted.\n');
    return;
  }
  const { traces, spans, logs } = await client.ask<Static<typeof Deleted>>(path, { method: 'DELETE' });
  process.stdout.write(
    `Deleted ${counted(traces, 'trace')} of ${counted(spans, 'span')}${logs > 0 ? ` and ${counted(logs, 'log record')}` : ''}.\n`,
  );
}

async function readTarget(
  client: ExplorerClient,
  { all, before }: { readonly all?: boolean; readonly before?: string },
  [id, ...more]: readonly string[],
): Promise<{ path: string; what: string }> {
  const given = [id, before, all].filter((each) => each !== undefined).length + more.length;
  if (given !== 1) throw new CliError(`Say what to delete: an id, --before or --all.\n\n${DELETE_USAGE}`);
  if (id !== undefined) {
    const traceId = await client.findTrace(id);
    return { path: `/api/traces/${traceId}`, what: `trace ${traceId}` };
  }
  if (before === undefined) return { path: '/api/traces?all=true', what: 'everything that is stored' };
  const time = readTime(before);
  return {
    path: `/api/traces?before=${time / 1000}`,
    what: `every trace from before ${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`,
  };
}

async function isConfirmed(what: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new CliError(
      `This would delete ${what}. Add --yes to do so; nothing asks where there is no terminal.`,
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Delete ${what}, for good? [y/N] `);
  terminal.close();
  return /^y(?:es)?$/i.test(answer.trim());
}
