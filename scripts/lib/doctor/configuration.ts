import { ConfigError } from '@tandem/service-kit';
import type { Finding } from '@tandem/telemetry/doctor';
import { readConfig as readExplorer } from '../../../packages/trace-explorer/src/config.ts';
import { readConfig as readActivitiesApi } from '../../../services/activities-api/src/config.ts';
import { readConfig as readUserLookup } from '../../../services/user-lookup/src/config.ts';
import type { Part } from '../run-part.ts';

const READERS: Readonly<Record<string, (env: NodeJS.ProcessEnv) => unknown>> = {
  explorer: readExplorer,
  'user-lookup': readUserLookup,
  'activities-api': readActivitiesApi,
};

/** The variables that keep processes from starting, each once. */
export function examineConfiguration(processes: readonly Part[]): Finding[] {
  const problems = new Map<string, Finding>();
  for (const { name, environment } of processes) {
    try {
      READERS[name]?.(environment);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.set(error.variable, {
        check: 'settings',
        level: 'problem',
        what: `${error.message} ${name} does not start with it.`,
        fix: `Correct or unset ${error.variable}.`,
      });
    }
  }
  return [...problems.values()];
}
