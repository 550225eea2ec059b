import { readFileSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import type { EnvReader } from '../environment/env-reader.ts';
import { quote, SettingsError } from '../environment/env-reader.ts';

/** What a service is called. */
export interface ServiceIdentity {
  readonly name: string;
  readonly version: string | undefined;
}

/**
 * The service's name and version: OTEL_SERVICE_NAME, else `service.name` of OTEL_RESOURCE_ATTRIBUTES, else the name
 * in the nearest package.json above `directory`, without its scope.
 *
 * @throws SettingsError when there is no name, or one that says nothing (`unknown_service`)
 */
export function readServiceIdentity(
  env: EnvReader,
  attributes: Readonly<Record<string, string>>,
  directory: string,
): ServiceIdentity {
  const manifest = nearestManifest(directory);
  const given = env.text('OTEL_SERVICE_NAME');
  const attribute = attributes['service.name'];
  if (given !== undefined && attribute !== undefined) {
    env.wonOver('OTEL_SERVICE_NAME', 'service.name of OTEL_RESOURCE_ATTRIBUTES');
  }
  const name = given ?? attribute ?? manifest?.name?.replace(/^@[^/]*\//, '');
  if (name === undefined || name === '') {
    throw new SettingsError(
      'OTEL_SERVICE_NAME',
      `must be set: no package.json above ${directory} has a name to use instead.`,
    );
  }
  if (/^unknown_service(:.*)?$/.test(name)) {
    throw new SettingsError(
      'OTEL_SERVICE_NAME',
      `must name this service (like checkout-api), not ${quote(name)}: every unnamed service would share that name.`,
    );
  }
  return { name, version: attributes['service.version'] ?? manifest?.version };
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
