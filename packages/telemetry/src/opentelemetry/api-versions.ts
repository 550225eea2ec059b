import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const API = '@opentelemetry/api';
const API_FOLDER = join('@opentelemetry', 'api');

/** Two versions of the OpenTelemetry API in this process of which one sees nothing of what the other registers. */
export class ApiVersionError extends Error {
  override readonly name = 'ApiVersionError';
}

/** A copy of the OpenTelemetry API, as it lies on disk. */
export interface ApiCopy {
  readonly directory: string;
  readonly version: string;
}

/**
 * The copy of the OpenTelemetry API that modules in a file or folder get.
 *
 * @param from absolute path; default: this package
 * @returns undefined when they get none
 */
export function apiCopyOf(from: string = import.meta.url): ApiCopy | undefined {
  try {
    const file = realpathSync(createRequire(from).resolve(API));
    const directory = file.slice(0, file.lastIndexOf(API_FOLDER) + API_FOLDER.length);
    const { version } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    return { directory, version };
  } catch {
    return undefined; // not installed there, or bundled
  }
}

/**
 * What would trace nothing: the API takes a provider only from a copy of its own version or a newer minor one
 * (`isCompatible` in the API's `internal/semver`). A service with API 1.10 whose telemetry registers with 1.9 would get
 * spans whose ids are all zeros, silently. And beside a version that has registered something already, ours cannot register.
 *
 * @param service what the service's own modules get
 * @returns an error that names both versions, and what to do; undefined when all is well
 */
export function findOtherApi(
  service: ApiCopy | undefined,
  ours: ApiCopy | undefined = apiCopyOf(),
): ApiVersionError | undefined {
  if (ours === undefined) return undefined;
  const registered = Object(Reflect.get(globalThis, Symbol.for('opentelemetry.js.api.1'))).version;
  if (registered !== undefined && registered !== ours.version) {
    const newer = isNewer(registered, ours.version) ? registered : ours.version;
    return new ApiVersionError(
      `${API} ${registered} has registered itself in this process, and @tandem/telemetry has ${API} ${ours.version}, which ` +
        `cannot register beside it. Install one version of it: \`npm ls ${API}\` says who brings which; then \`npm install ` +
        `${API}@${newer} && npm dedupe\`, or an override of your package manager.`,
    );
  }
  if (service === undefined || service.directory === ours.directory) return undefined;
  if (!isNewer(service.version, ours.version)) return undefined;
  return new ApiVersionError(
    `this service has ${API} ${service.version} (${service.directory}), @tandem/telemetry has ${API} ${ours.version} ` +
      `(${ours.directory}), and ${service.version} sees nothing of what ${ours.version} registers: all ids would be ` +
      `zeros. Install one version of it: \`npm install ${API}@${service.version} && npm dedupe\`, or an override of your ` +
      'package manager.',
  );
}

/** Whether a version is of a newer minor one than another. */
function isNewer(version: string, other: string): boolean {
  const minorOf = (each: string) => each.replace(/\.[^.]*$/, '');
  return minorOf(version).localeCompare(minorOf(other), 'en', { numeric: true }) > 0;
}
