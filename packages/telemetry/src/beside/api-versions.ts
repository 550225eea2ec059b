import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { compareVersions } from '../api/compare-versions.ts';
import { parseJson } from '../api/primordials.ts';

const API = '@opentelemetry/api';

/**
 * The version of the OpenTelemetry API that a module imports; undefined without an API, or in a bundle.
 *
 * @param from absolute path; default: this package
 */
export function apiVersionOf(from: string = import.meta.url): string | undefined {
  try {
    const [folder = ''] = /^.*[\\/]@opentelemetry[\\/]api[\\/]/.exec(createRequire(from).resolve(API)) ?? [];
    return parseJson(readFileSync(join(folder, 'package.json'), 'utf8')).version;
  } catch {
    return undefined;
  }
}

/**
 * Explains why spans of this process would have no ids; undefined when all is well. The API takes a provider only from its
 * own version or a newer minor version (`isCompatible` in the API's `internal/semver`). When another version of the API
 * has registered something, our version cannot register.
 *
 * @param service the version that the service's own modules import
 */
export function describeOtherApi(service: string | undefined, ours = apiVersionOf()): string | undefined {
  if (ours === undefined) return undefined;
  const registered = Object(Reflect.get(globalThis, Symbol.for('opentelemetry.js.api.1'))).version;
  const isBlind = service !== undefined && isNewer(service, ours);
  const other: string | undefined = isBlind ? service : registered;
  if (other === undefined || other === ours) return undefined;
  return (
    `this service has ${API} ${other}, @tandem/telemetry has ${API} ${ours}, and one sees nothing that the other ` +
    `registers: all ids would be zeros. Install one version of it: \`npm ls ${API}\` says who brings which; then ` +
    `\`npm install ${API}@${isNewer(other, ours) ? other : ours} && npm dedupe\`, or an override of your package manager.`
  );
}

/**
 * Explains why spans of a process would have no ids, by the version of the API that a file of its service imports.
 *
 * @param file default: the module that the process runs
 */
export function otherApiOf(file: string = resolve(process.argv[1] ?? 'main.js')): string | undefined {
  return describeOtherApi(apiVersionOf(file));
}

/** Whether the minor version of `version` is newer. */
function isNewer(version: string, other: string): boolean {
  const minorOf = (each: string) => each.replace(/\.[^.]*$/, '');
  return compareVersions(minorOf(version), minorOf(other)) > 0;
}

/** Explains why a Node cannot be traced; undefined for Node 22.15 and newer. */
export function describeOldNode(version: string = process.versions.node): string | undefined {
  if (!isNewer('22.15.0', version)) return undefined;
  return `Node ${version} is older than 22.15, which telemetry needs. The app runs untraced.`;
}
