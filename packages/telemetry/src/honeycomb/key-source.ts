import { parseEnv } from 'node:util';

export interface KeySource {
  readonly apiKey: string | undefined;
  readonly endpoint: string | undefined;
  readonly dataset: string | undefined;
  /** One sentence: where the key was found, or where it was looked for and what was found there instead. */
  readonly sentence: string;
}

/**
 * Finds the key that a process started with this environment uses, and says where it came from.
 *
 * @param env the process's environment, into which `node --env-file` has already merged the file: a variable of
 *   the environment, even an empty one, hides the file's
 * @param envFile the text of .env, or undefined when there is no such file
 */
export function findKey(
  env: Readonly<Record<string, string | undefined>>,
  envFile: string | undefined,
): KeySource {
  const apiKey = env[KEY];
  const endpoint = env.HONEYCOMB_API_ENDPOINT;
  const dataset = env.HONEYCOMB_DATASET;
  if (isEmpty(apiKey)) {
    const fromHeaders = findInHeaders(env);
    if (fromHeaders !== undefined) return fromHeaders;
  }
  return { apiKey, endpoint, dataset, sentence: whereFrom(apiKey, envFile) };
}

const KEY = 'HONEYCOMB_API_KEY';

function whereFrom(value: string | undefined, envFile: string | undefined): string {
  const inFile = envFile === undefined ? undefined : parseEnv(envFile)[KEY];
  if (value !== undefined && value !== inFile) {
    if (!isEmpty(value)) {
      return inFile === undefined
        ? `${KEY} came from the environment.`
        : `${KEY} came from the environment, which hides another value in .env.`;
    }
    return isEmpty(inFile)
      ? `${KEY} is set in the environment, but empty.`
      : `${KEY} is set in the environment, but empty, which hides the value in .env: unset ${KEY}.`;
  }
  if (!isEmpty(value)) return `${KEY} came from .env.`;
  if (envFile === undefined)
    return `${KEY} is not in the environment, and there is no .env here: cp .env.example .env.`;
  if (inFile !== undefined) return `${KEY} is in .env, but there is nothing behind its =.`;
  return new RegExp(`^\\s*#.*\\b${KEY}\\s*=`, 'm').test(envFile)
    ? `${KEY} is commented out in .env: remove the # before it.`
    : `${KEY} is neither in the environment nor in .env.`;
}

/** A key given to the exporter by hand: `OTEL_EXPORTER_OTLP_HEADERS=x-honeycomb-team=…`. */
function findInHeaders(env: Readonly<Record<string, string | undefined>>): KeySource | undefined {
  for (const name of ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS']) {
    const headers = parseHeaders(env[name] ?? '');
    const apiKey = headers.get('x-honeycomb-team');
    if (apiKey === undefined) continue;
    const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
    return {
      apiKey,
      endpoint: endpoint?.replace(/\/v1\/traces\/?$/, ''),
      dataset: headers.get('x-honeycomb-dataset'),
      sentence: isEmpty(apiKey)
        ? `${name} has x-honeycomb-team with nothing behind its =: was the variable in it unset?`
        : `The key came from x-honeycomb-team in ${name}.`,
    };
  }
  return undefined;
}

/** The list form of the OTLP exporter's specification: `name=value,name=value`, percent-encoded. */
function parseHeaders(list: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const pair of list.split(',')) {
    const equals = pair.indexOf('=');
    if (equals > 0)
      headers.set(pair.slice(0, equals).trim().toLowerCase(), decode(pair.slice(equals + 1).trim()));
  }
  return headers;
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function isEmpty(value: string | undefined): boolean {
  return value === undefined || value.trim() === '';
}
