import type { Finding } from '@tandem/telemetry/doctor';
import { examineDestination, examineSettings, isOfHoneycomb, isProblem } from '@tandem/telemetry/doctor';
import { examineService } from '../../../packages/telemetry/src/doctor/examine-service.ts';
import { examineNode } from '../../../packages/telemetry/src/doctor/old-node.ts';
import type { Addresses } from '../addresses.ts';
import { localUrl, readAddresses } from '../addresses.ts';
import { loadDotEnv, readDotEnv } from '../dot-env.ts';
import { callOf } from '../root.ts';
import { workspaceProcesses } from '../workspace.ts';
import { examineEnvFile } from './env-file.ts';
import { examineTee } from './examine-tee.ts';
import { examineHoneycombKey } from './honeycomb-key.ts';
import { runSelfTest } from './self-test.ts';

/**
 * All checks of `doctor`. A check comes after the checks that it needs. It yields each finding at once.
 *
 * @param envFile path of .env
 */
export async function* examine(envFile: string): AsyncGenerator<Finding> {
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
  const processes = workspaceProcesses(addresses, env, true);
  const service = processes.find(({ name }) => name === 'activities-api');
  if (service === undefined) throw new Error('The workspace has no activities-api.');
  const { findings, settings } = examineSettings(service.environment, { directory: service.directory });
  yield* findings;
  const key = await examineHoneycombKey(env, readDotEnv(envFile));
  yield key;
  if (settings.disabled) return;

  const isUp = await answers(addresses.otlp.origin);
  const working: (typeof settings.destinations)[number][] = [];
  for (const destination of settings.destinations) {
    if (key.level === 'problem' && isOfHoneycomb(destination)) continue; // said above
    // A service need not run before the workspace is started.
    if (new URL(destination.url).origin === addresses.otlp.origin && !isUp) {
      const what = `The explorer does not run: nobody listens at ${addresses.otlp.origin}.`;
      yield { check: 'endpoint', level: 'note', what, fix: `${callOf('dev')} starts it.` };
      working.push(destination); // where activities-api runs, the self-test says what is wrong
      continue;
    }
    const found = await examineDestination(destination);
    yield* found;
    if (!found.some(isProblem)) working.push(destination);
  }
  yield* await examineTee(addresses.page.origin, env, settings.destinations.some(isOfHoneycomb));
  yield* await runSelfTest({
    addresses,
    settings: { ...settings, destinations: working },
    explorerToken: env.EXPLORER_TOKEN || undefined,
  });
  for (const [name, part] of [
    ['activities-api', 'api'],
    ['user-lookup', 'userLookup'],
  ] as const)
    yield* await examineService(name, localUrl(addresses, part), settings.destinations);
}

async function answers(origin: string): Promise<boolean> {
  try {
    await (await fetch(origin, { signal: AbortSignal.timeout(2_000) })).arrayBuffer();
    return true;
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError';
  }
}
