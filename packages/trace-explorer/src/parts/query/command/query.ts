import { readRequest } from '../../../core/command/arguments.ts';
import { CALL, CliError, DEFAULT_URL } from '../../../core/command/client/explorer-client.ts';
import { fileProblem } from '../../../core/command/files/file-problem.ts';
import { alignedLines } from '../../../core/command/terminal/terminal-text.ts';
import { completeResult, formatRows } from '../../../core/query/api/results.ts';
import { ALL_DATASETS } from '../../../core/query/parse/all-datasets.ts';
import { MAX_LIMIT } from '../../../core/query/parse/limits.ts';
import { readRegular } from '../../../lib/node/regular-file.ts';
import { harmlessJson, harmlessLine, withoutCommands } from '../../../lib/text/harmless-text.ts';
import { parseJson } from '../../../lib/text/parse-json.ts';

const USAGE = `Asks the running explorer a Honeycomb query (its JSON), and prints the rows of the result.

  ${CALL} query FILE    such as honeycomb/queries/slowest-routes.json
  --dataset NAME      of one service (default: ${ALL_DATASETS}, all services)
  --json              the result as Honeycomb's API gives it
  --url URL           where the explorer is (default: ${DEFAULT_URL})
`;

/** Asks the explorer the query in a file. @throws CliError when the file or the query cannot be read */
export async function queryCommand(args: readonly string[]): Promise<void> {
  const { values, positionals, client } = await readRequest(
    args,
    USAGE,
    {
      dataset: { type: 'string' },
      json: { type: 'boolean' },
    },
    { most: 1 },
  );
  const [file] = positionals;
  if (file === undefined) throw new CliError(`Name one file.\n\n${USAGE}`);
  const dataset = encodeURIComponent(values.dataset ?? ALL_DATASETS);
  const result = await completeResult(await readQuery(file), dataset, client.ask);
  const rows = formatRows(result, result.data?.results);
  process.stdout.write(values.json ? `${harmlessJson(result)}\n` : renderTable(rows));
  for (const note of result.data?.notes ?? [])
    process.stderr.write(`${withoutCommands(harmlessLine(note))}\n`);
  const { limit } = result.query as { readonly limit?: number };
  if (rows.length === limit)
    process.stderr.write(
      `The first ${limit} rows: there may be more. "limit" in the query takes up to ${MAX_LIMIT}.\n`,
    );
}

/** @throws CliError naming the file */
async function readQuery(file: string): Promise<unknown> {
  try {
    return parseJson(await readRegular(file));
  } catch (error) {
    throw fileProblem(file, error);
  }
}

/** A line for each row, below a line with the names of its fields. */
function renderTable(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const [first] = rows;
  if (first === undefined) return 'No row: no event fits the query.\n';
  const names = Object.keys(first);
  const lines = [names.map(harmlessLine), ...rows.map((row) => names.map((name) => cellOf(row[name])))];
  return withoutCommands(`${alignedLines(lines).join('\n')}\n`);
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'object') return harmlessLine(JSON.stringify(value)); // a HEATMAP
  return typeof value === 'number' ? String(Math.round(value * 1000) / 1000) : harmlessLine(String(value));
}
