import { dirname } from 'node:path';
import type { Finding } from '@tandem/telemetry/doctor';
import { examine, examineNode, isOfHoneycomb } from '@tandem/telemetry/doctor';
import { callOf } from '../../../tools/root.ts';
import type { Addresses } from '../addresses.ts';
import { localUrl, readAddresses } from '../addresses.ts';
import { loadDotEnv, readDotEnv } from '../dot-env.ts';
import { workspaceProcesses } from '../workspace.ts';
import { examineEnvFile } from './env-file.ts';
import { examineStart } from './examine-start.ts';
import { examineTee } from './examine-tee.ts';
import { examineHoneycombKey } from './honeycomb-key.ts';
import { runSelfTest } from './self-test.ts';
import { examineStrayKeys } from './stray-keys.ts';

/**
 * All checks of `doctor`. A check comes after the checks that it needs. It yields each finding at once.
 *
 * @param envFile path of .env
 */
export async function* examineWorkspace(envFile: string): AsyncGenerator<Finding> {
  const { env } = process;
  yield examineNode();
  const ofFile = examineEnvFile(envFile, { ...env });
  yield* ofFile;
  if (ofFile.some(({ level }) => level === 'problem')) return; // the other checks need the settings
  let addresses: Addresses;
  try {
    loadDotEnv(envFile);
    addresses = readAddresses(env);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return yield {
      check: 'settings',
      level: 'problem',
      what,
      fix: `Correct or unset ${what.split(' ')[0]}.`,
    };
  }
  yield* examineStrayKeys(envFile, env, env.INIT_CWD || dirname(envFile));
  const processes = workspaceProcesses(addresses, env, true);
  const service = processes.find(({ name }) => name === 'activities-api');
  if (service === undefined) throw new Error('The workspace has no activities-api.');
  yield* await examineStart(processes);
  const isUp = await answers(addresses.otlp.origin);
  yield* examine({
    environment: service.environment,
    directory: service.directory,
    examineKey: () => examineHoneycombKey(env, readDotEnv(envFile)),
    // A service need not run before the workspace is started. Where activities-api runs, the self-test says what is wrong.
    passOver({ url }) {
      if (isUp || new URL(url).origin !== addresses.otlp.origin) return undefined;
      const what = `The explorer does not run: nobody listens at ${addresses.otlp.origin}.`;
      return { check: 'endpoint', level: 'note', what, fix: `${callOf('dev')} starts it.` };
    },
    async sendTrace(settings, { destinations }) {
      const explorerToken = env.EXPLORER_TOKEN || undefined;
      return [
        ...(await examineTee(localUrl(addresses, 'page'), env, destinations.some(isOfHoneycomb))),
        ...(await runSelfTest({ addresses, settings, explorerToken })),
      ];
    },
    services: [
      ['activities-api', localUrl(addresses, 'api')],
      ['user-lookup', localUrl(addresses, 'userLookup')],
    ],
  });
}

async function answers(origin: string): Promise<boolean> {
  try {
    await (await fetch(origin, { signal: AbortSignal.timeout(2_000) })).arrayBuffer();
    return true;
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError';
  }
}
