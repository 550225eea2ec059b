import { ANY_WORDS, readRequest } from '../../../core/command/arguments.ts';
import { CALL, CliError, DEFAULT_URL } from '../../../core/command/client/explorer-client.ts';
import { importFrom } from '../../../core/command/files/import-from.ts';

const USAGE = `Stores traces and log records from files: OTLP JSON, as a document, or with one document per line as \`export\`
and a collector's file exporter write it; an answer of Jaeger or Tempo; JSON of Jaeger's page or of Zipkin; or a saved page of a trace;
each also compressed with gzip, as run --save writes a run.
Leaves out spans that the explorer has already.

  ${CALL} import FILE…
  --mix               stores pulled traces also beside other traffic, with which their figures mix
  --url URL           where the explorer is (default: ${DEFAULT_URL})
`;

/** `import FILE…`. @throws CliError naming the file that cannot be read or has nothing of OTLP JSON in it */
export async function importCommand(args: readonly string[]): Promise<void> {
  const { values, positionals, client } = await readRequest(
    args,
    USAGE,
    { mix: { type: 'boolean' } },
    ANY_WORDS,
  );
  if (positionals.length === 0) throw new CliError(`Name the files to import.\n\n${USAGE}`);
  for (const path of positionals) process.stdout.write(`${await importFrom(client, path, values)}\n`);
}
