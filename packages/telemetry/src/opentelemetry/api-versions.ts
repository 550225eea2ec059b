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
 * Refuses what would trace nothing: the API takes a provider only from a copy of its own version or a newer minor one
 * (`isCompatible` in the API's `internal/semver`). A service with API 1.10 whose telemetry registers with 1.9 would get
 * spans whose ids are all zeros, silently.
 *
 * @param service what the service's own modules get
 * @throws ApiVersionError naming both versions, and what to do
 */
export function refuseOlderApi(service: ApiCopy | undefined, ours: ApiCopy | undefined = apiCopyOf()): void {
  if (service === undefined || ours === undefined || service.directory === ours.directory) return;
  if (sees(service.version, ours.version)) return;
  throw new ApiVersionError(
    `this service has ${API} ${service.version} (${service.directory}), @tandem/telemetry has ${API} ${ours.version} ` +
      `(${ours.directory}), and ${service.version} sees nothing of what ${ours.version} registers: all ids would be ` +
      `zeros. Install one version of it: \`npm install ${API}@${service.version} && npm dedupe\`, or an override of your ` +
      'package manager.',
  );
}

/**
 * Refuses to start beside an API of another version that has registered something already: ours cannot register then.
 *
 * @throws ApiVersionError naming both versions, and what to do
 */
export function refuseOtherRegistration(ours: ApiCopy | undefined = apiCopyOf()): void {
  const registered: unknown = Reflect.get(globalThis, Symbol.for('opentelemetry.js.api.1'));
  if (typeof registered !== 'object' || registered === null || !('version' in registered)) return;
  const { version } = registered;
  if (ours === undefined || version === ours.version) return;
  throw new ApiVersionError(
    `${API} ${version} has registered itself in this process, and @tandem/telemetry has ${API} ${ours.version}, which ` +
      `cannot register beside it. Install one version of it: \`npm ls ${API}\` says who brings which; then \`npm install ` +
      `${API}@${newer(String(version), ours.version)} && npm dedupe\`, or an override of your package manager.`,
  );
}

/** Whether a tracer of one version finds a provider that another version registered. */
function sees(version: string, registered: string): boolean {
  const [major, minor] = numbersOf(version);
  const [registeredMajor, registeredMinor] = numbersOf(registered);
  return major === registeredMajor && minor <= registeredMinor;
}

function newer(one: string, other: string): string {
  return sees(one, other) ? other : one;
}

function numbersOf(version: string): [major: number, minor: number] {
  const [major, minor] = version.split('.').map(Number);
  return [major ?? 0, minor ?? 0];
}
