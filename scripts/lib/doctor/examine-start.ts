import type { Finding } from '@tandem/telemetry/doctor';
import { ConfigError, explainStartFailure } from '../../../packages/service-kit/src/http.ts';
import { readConfig } from '../../../packages/trace-explorer/src/core/config.ts';
import { settingsOf } from '../../../packages/trace-explorer/src/core/serve/config-of.ts';
import { nodeParts } from '../../../packages/trace-explorer/src/parts.node.ts';
import { readConfig as readActivitiesApi } from '../../../services/activities-api/src/config.ts';
import { readConfig as readUserLookup } from '../../../services/user-lookup/src/config.ts';
import type { Part } from '../processes/run-part.ts';

/** How each process reads its settings when it starts. */
const READERS: Readonly<Record<string, (env: NodeJS.ProcessEnv) => unknown>> = {
  explorer: async (env) => readConfig(env, await settingsOf(nodeParts)),
  'user-lookup': readUserLookup,
  'activities-api': readActivitiesApi,
};

/** A problem for each setting that keeps processes from starting. @param processes with the environment of `dev` */
export async function examineStart(
  processes: readonly Pick<Part, 'name' | 'environment'>[],
): Promise<Finding[]> {
  const faults = new Map<string, { variable: string; names: string[] }>();
  for (const { name, environment } of processes) {
    const error = await faultOf(name, environment);
    if (error === undefined) continue;
    const reason = explainStartFailure(error);
    const { names } = faults.get(reason) ?? { names: [] };
    faults.set(reason, { variable: error.variable, names: [...names, name] });
  }
  return [...faults].map(([reason, { variable, names }]) => {
    const [cause = variable] = /^\w+/.exec(reason) ?? [];
    return {
      check: 'settings',
      level: 'problem',
      what: `${names.join(' and ')} ${names.length === 1 ? 'does not start' : 'do not start'}: ${reason}`,
      fix:
        cause === variable
          ? `Correct or unset ${variable}.`
          : `Set ${variable}, for instance in .env, or unset ${cause}.`,
    };
  });
}

async function faultOf(name: string, environment: NodeJS.ProcessEnv): Promise<ConfigError | undefined> {
  try {
    await READERS[name]?.(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}
