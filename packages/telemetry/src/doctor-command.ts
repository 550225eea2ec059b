#!/usr/bin/env node
// `telemetry-doctor`, run in a service's folder, says why the service has no traces. Exits with 1 for a problem.
import { join } from 'node:path';
import { parseArgs, parseEnv } from 'node:util';
import { describeOldNode, otherApiOf } from './beside/api-versions.ts';
import { manifestIn } from './common/installed-package.ts';
import { describeUnheardOf } from './guest/injected/unheard.ts';
import { describeHidden, readEnvFile } from './service/doctor/env-file.ts';
import { examine } from './service/doctor/examine.ts';
import { examineNode } from './service/doctor/examine-node.ts';
import { examineSdk } from './service/doctor/examine-sdk.ts';
import type { Finding } from './service/doctor/finding.ts';
import { canSend, checkHoneycombKey, describeKeyCheck, findKey } from './service/doctor/honeycomb/index.ts';
import { reportFindings } from './service/doctor/report-findings.ts';
import { startSelfTest } from './service/doctor/self-test.ts';

const USAGE = `Says why the service in this folder has no traces: settings, key, endpoints and clock;
and sends one span, of the service "telemetry-doctor", to every destination. Ends with 1 if there is a problem.

  npx --no -- telemetry-doctor [--env FILE] [--service URL] [--json]
  --service URL   of a service that runs, or of its HEALTH_PORT: its /metrics say where its spans go; may be repeated
`;

process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 1)); // its reader has gone
const options = readArguments();
if (options !== undefined)
  void reportFindings(examineFolder(process.cwd(), options), options).then((code) => {
    process.exitCode = code;
  });

interface Options {
  readonly json: boolean;
  readonly services: readonly string[];
  /** Name and text of the file of variables. */
  readonly file?: readonly [name: string, text: string] | undefined;
}

async function* examineFolder(directory: string, { services, file }: Options): AsyncGenerator<Finding> {
  const oldNode = describeOldNode();
  if (oldNode !== undefined) {
    const fix = 'Install a newer one: https://nodejs.org.';
    return yield { check: 'node', level: 'problem', what: oldNode, fix }; // later checks need a newer Node
  }
  yield examineNode();
  const otherApi = otherApiOf(join(directory, 'main.js'));
  if (otherApi !== undefined) yield { check: 'opentelemetry', level: 'problem', what: otherApi };
  yield* examineSdk(directory);
  for (const what of describeUnheardOf(manifestIn(directory)?.dependencies ?? {}))
    yield { check: 'libraries', level: 'note', what };
  yield* examine({
    environment: process.env,
    directory,
    examineKey: () => examineKey(file),
    sendTrace: (settings) => startSelfTest(settings, 'telemetry-doctor').deliver(),
    services: services.map((url) => [`The service at ${url}`, url]),
  });
}

async function examineKey(file: Options['file']): Promise<Finding> {
  const check = 'honeycomb';
  try {
    const result = await checkHoneycombKey(findKey(process.env));
    const what = describeKeyCheck(result).replace(/^Honeycomb: /, '');
    if (canSend(result)) return { check, level: 'ok', what };
    if (result.kind !== 'no-key') return { check, level: 'problem', what };
    const hidden = file && describeHidden('HONEYCOMB_API_KEY', file[1], file[0]);
    if (hidden === undefined) return { check, level: 'note', what };
    const fix = `${hidden.fix[0]?.toUpperCase()}${hidden.fix.slice(1)}.`;
    return { check, level: 'problem', what: `no key. HONEYCOMB_API_KEY ${hidden.what}.`, fix };
  } catch (error) {
    return { check, level: 'problem', what: error instanceof Error ? error.message : String(error) };
  }
}

/** The arguments; undefined when there is nothing to examine. Loads the file of variables. */
function readArguments(): Options | undefined {
  const options = {
    env: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
    json: { type: 'boolean' },
    service: { type: 'string', multiple: true },
  } as const;
  try {
    const { env, help, json = false, service: services = [] } = parseArgs({ options }).values;
    const file = env === undefined ? undefined : loadFile(env);
    const wrong = services.find((url) => !/^https?:$/.test(URL.parse(url)?.protocol ?? ''));
    if (wrong !== undefined) throw new TypeError(`--service takes a URL, not ${wrong}.`);
    if (help !== true) return { json, services, file };
    process.stdout.write(USAGE);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exitCode = 1;
  }
  return undefined;
}

/** Loads a file of variables. Those of the shell win. @returns its name and text @throws Error when it cannot be read */
function loadFile(name: string): [name: string, text: string] {
  const text = readEnvFile(name);
  for (const [each, value] of Object.entries(parseEnv(text))) process.env[each] ??= value;
  return [name, text];
}
