import { join } from 'node:path';
import type { Finding } from '@tandem/telemetry/doctor';
import {
  examineCopies,
  examineDestination,
  examineSettings,
  isOfHoneycomb,
  isProblem,
} from '@tandem/telemetry/doctor';
import type { Addresses } from '../addresses.ts';
import { grpcPortOf, readAddresses } from '../addresses.ts';
import { loadDotEnv, readDotEnv } from '../dot-env.ts';
import { ownVariables, withoutOwnVariables } from '../own-variables.ts';
import { callOf, ROOT } from '../root.ts';
import { findStrayEnvFiles } from '../stray-env-files.ts';
import { workspaceProcesses } from '../workspace.ts';
import { examineConfiguration } from './configuration.ts';
import { examineEnvFile } from './env-file.ts';
import { examineHoneycombKey } from './honeycomb-key.ts';
import { examineNode } from './node-version.ts';
import { examinePorts } from './ports.ts';
import { runSelfTest } from './self-test.ts';

/** Packages that the services start from, below the workspace's root. */
const SERVICES = ['services/activities-api', 'services/user-lookup'];

/**
 * All checks of `doctor`. A check comes after those that it needs. It yields each finding at once.
 *
 * @param envFile path of .env
 */
export async function* examine(envFile: string): AsyncGenerator<Finding> {
  const shell = { ...process.env };
  yield* examineNode(shell);
  yield* examineEnvFile(envFile, shell);
  try {
    loadDotEnv(envFile);
  } catch {
    return; // said above; the other checks need the settings
  }
  const { env } = process;
  const addresses = addressesOf(env);
  if ('check' in addresses) return yield addresses;
  yield* await examinePorts(addresses, grpcPortOf(env));

  const processes = workspaceProcesses(addresses, env, true);
  const wrong = examineConfiguration(processes);
  yield* wrong;
  const service = processes.find(({ name }) => name === 'activities-api');
  if (service === undefined) throw new Error('The workspace has no activities-api.');
  const { findings, settings } = examineSettings(service.environment, { directory: service.directory });
  const own = ownVariables(processes);
  yield* findings.map((finding) => ({ ...finding, what: withoutOwnVariables(finding.what, own) }));
  yield* examineCopies(SERVICES.map((folder) => join(ROOT, folder)));
  const key = await examineHoneycombKey(env, readDotEnv(envFile), findStrayEnvFiles(envFile));
  yield* key;
  if (settings === undefined || settings.disabled) return;

  const isUp = await answers(addresses.otlp.origin);
  const isKeyWrong = key.some(({ level }) => level === 'problem');
  const failed = new Set<string>();
  for (const destination of settings.destinations) {
    if (isKeyWrong && isOfHoneycomb(destination)) {
      failed.add(destination.name); // said above
      continue;
    }
    // A service need not run before the workspace is started.
    if (new URL(destination.url).origin === addresses.otlp.origin && !isUp) {
      const what = `The explorer does not run: nobody listens at ${addresses.otlp.origin}.`;
      yield { check: 'endpoint', level: 'note', what, fix: `${callOf('dev')} starts it.` };
      continue;
    }
    const advice = { startReceiver: callOf('dev'), checkKey: callOf('honeycomb:check') };
    const found = await examineDestination(destination, advice);
    yield* found;
    if (found.some(isProblem)) failed.add(destination.name);
  }
  yield* await runSelfTest({ addresses, settings, failed, explorerToken: env.EXPLORER_TOKEN || undefined });
}

function addressesOf(env: NodeJS.ProcessEnv): Addresses | Finding {
  try {
    return readAddresses(env);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return { check: 'settings', level: 'problem', what, fix: `Correct or unset ${what.split(' ')[0]}.` };
  }
}

async function answers(origin: string): Promise<boolean> {
  try {
    await (await fetch(origin, { signal: AbortSignal.timeout(2_000) })).arrayBuffer();
    return true;
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError';
  }
}
