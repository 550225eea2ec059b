import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { canSend, checkHoneycombKey, describeKeyCheck, findKey } from '@tandem/telemetry/honeycomb';
import { describeHidden, namesWithValue, readEnvFile } from '@tandem/telemetry/workspace/env-file';
import { CliError } from '../../../core/command/client/explorer-client.ts';
import { fileProblem } from '../../../core/command/files/file-problem.ts';
import { GIVEN_ENVIRONMENT } from '../../../process-settings.ts';

const KEY = 'HONEYCOMB_API_KEY';
/** What belongs to a key. */
const NAMES = [KEY, 'HONEYCOMB_API_ENDPOINT', 'HONEYCOMB_DATASET'];

/** The command waits for Honeycomb's answer about the key. In milliseconds. */
const TIMEOUT_MS = 2_000;

/** The key with which an explorer that `run` starts sends on, what belongs to it, and what Honeycomb answers about it. */
interface FoundKey {
  readonly variables: NodeJS.Dict<string>;
  readonly line: string;
}

/**
 * Finds the key of `--honeycomb`, and asks Honeycomb about it. The shell's variables win over the file's, and the command gets
 * none of the file's.
 * @param file of --honeycomb-env; need not be there
 * @throws CliError with what to do without a key, or with one that cannot send
 */
export async function honeycombKey(file: string | undefined): Promise<FoundKey> {
  const text = file === undefined ? '' : textOf(file);
  const inFile = parseEnv(text);
  const variables = Object.fromEntries(NAMES.map((name) => [name, GIVEN_ENVIRONMENT[name] ?? inFile[name]]));
  if (!variables[KEY]?.trim()) throw new CliError(`--honeycomb needs ${KEY}${whatToDo(file, text)}`);
  const check = await checkHoneycombKey({ ...findKey(variables), timeoutMs: TIMEOUT_MS });
  const line = describeKeyCheck(check);
  if (check.kind !== 'unchecked' && !canSend(check)) throw new CliError(line);
  return { variables, line };
}

/** The text of a file; empty without the file. @throws CliError for one that cannot be read */
function textOf(file: string): string {
  try {
    return readEnvFile(file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw new CliError(String(Object(error).message));
    if (error.code === 'ENOENT') return '';
    throw fileProblem(file, error);
  }
}

/** The rest of a sentence that ends with the variable: where the key is that does not count, or where it belongs. */
function whatToDo(file: string | undefined, text: string): string {
  if (parseEnv(text)[KEY]?.trim())
    return `, which is empty in the environment and hides the value in ${file}: unset ${KEY}.`;
  const hidden = describeHidden(KEY, text, file);
  if (hidden !== undefined) return `, which ${hidden.what}: ${hidden.fix}.`;
  const here = resolve('.env');
  if ((file === undefined || resolve(file) !== here) && namesWithValue(here).includes(KEY))
    return `. .env in this folder has a ${KEY}; run doesn't read it: it is the app's own. To send with that key, add --honeycomb-env .env.`;
  return file === undefined
    ? ': set it in the shell, or name a file that has it: --honeycomb-env .env.'
    : `: put it into ${file}, or set it in the shell.`;
}
