import { readFileSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import type { EnvironmentReader } from '../environment/reader.ts';
import type { VariableName } from '../environment/variables.ts';
import { quote } from '../secrets.ts';

/** What a service is called. */
export interface ServiceIdentity {
  readonly name: string;
  readonly version: string | undefined;
}

/** The specification's name of a service without one. */
const UNNAMED = 'unknown_service:node';

/**
 * The service's name and version: OTEL_SERVICE_NAME, else `service.name` of OTEL_RESOURCE_ATTRIBUTES, else the name
 * in the nearest package.json above `directory`, without its scope. One that says nothing (`unknown_service`) counts as none.
 * Without any the specification's name, with a warning.
 */
export function readServiceIdentity(
  env: EnvironmentReader,
  attributes: Readonly<Record<string, string>>,
  directory: string,
): ServiceIdentity {
  const manifest = nearestManifest(directory);
  const given = named(env, 'OTEL_SERVICE_NAME', env.text('OTEL_SERVICE_NAME'));
  const attribute = named(env, 'OTEL_RESOURCE_ATTRIBUTES', attributes['service.name']);
  const name = given ?? attribute ?? manifest?.name?.replace(/^@[^/]*\//, '');
  if (name === undefined || name === '') {
    const problem = `should be set: no package.json above ${directory} has a name to use instead.`;
    env.warn('OTEL_SERVICE_NAME', problem, `The service is called ${UNNAMED}.`);
    return { name: UNNAMED, version: attributes['service.version'] };
  }
  return { name, version: attributes['service.version'] ?? manifest?.version };
}

/** Undefined for the name that every service without one has. */
function named(env: EnvironmentReader, variable: VariableName, name: string | undefined): string | undefined {
  if (name === undefined || !/^unknown_service(:.*)?$/.test(name)) return name;
  const problem = `must name this service (like checkout-api), not ${quote(name)}: every unnamed service has that name.`;
  env.warn(variable, problem, 'The next name there is is used instead.');
  return undefined;
}

function nearestManifest(directory: string): { name?: string; version?: string } | undefined {
  const { root } = parse(directory);
  for (let folder = directory; ; folder = dirname(folder)) {
    try {
      return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    } catch {
      // none here, or not readable: look one folder up
    }
    if (folder === root) return undefined;
  }
}
