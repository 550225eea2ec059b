import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EnvironmentReader } from './reader.ts';

/** The specification's name of a service without one. */
const UNNAMED = 'unknown_service:node';

/**
 * The service's name and version: OTEL_SERVICE_NAME, else `service.name` of OTEL_RESOURCE_ATTRIBUTES, else the name in
 * the nearest package.json above `directory`, without its scope. Without any the specification's name, with a warning.
 */
export function readServiceIdentity(
  env: EnvironmentReader,
  attributes: Readonly<Record<string, string>>,
  directory: string,
) {
  const manifest = nearestManifest(directory);
  const version = attributes['service.version'] ?? manifest.version;
  const given = env.read('OTEL_SERVICE_NAME') ?? attributes['service.name'];
  const name = given || manifest.name?.replace(/^@[^/]*\//, '') || UNNAMED;
  if (name === UNNAMED) {
    const problem = `should be set: no package.json above ${directory} has a name to use instead.`;
    env.warn('OTEL_SERVICE_NAME', problem, `The service is called ${UNNAMED}.`);
  }
  return { name, version };
}

function nearestManifest(folder: string): { readonly name?: string; readonly version?: string } {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch {
    const parent = dirname(folder);
    return parent === folder ? {} : nearestManifest(parent);
  }
}
