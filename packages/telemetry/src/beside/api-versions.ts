import { createRequire } from 'node:module';
import { relative, resolve } from 'node:path';
import { compareVersions } from '../common/compare-versions.ts';
import { versionIn } from '../common/installed-package.ts';

const API = '@opentelemetry/api';
/** A path of a file of the API, up to the folder of its copy. */
const COPY = /^.*[\\/]@opentelemetry[\\/]api(?=[\\/])/;

/** A copy of the API. */
interface Copy {
  readonly folder: string;
  readonly version: string;
}

/**
 * The version of the OpenTelemetry API that a module imports; undefined without an API, or in a bundle.
 *
 * @param from absolute path; default: this package
 */
export function apiVersionOf(from: string = import.meta.url): string | undefined {
  return copyFor(from)?.version;
}

/** The copy of the API that a module imports. */
function copyFor(from: string): Copy | undefined {
  try {
    return copyOf(createRequire(from).resolve(API));
  } catch {
    return undefined;
  }
}

/** The copy of the API that a file is of. @throws where it cannot be read */
function copyOf(file: string): Copy {
  const [folder = ''] = COPY.exec(file) ?? [];
  return { folder, version: versionIn(folder) };
}

/** The version of the API that has registered something in this process. */
export function registeredApi(): string | undefined {
  return Object(Reflect.get(globalThis, Symbol.for('opentelemetry.js.api.1'))).version;
}

/**
 * Explains why spans of this process would have no ids; undefined when all is well. The API takes a provider only from its
 * own version or a newer minor version (`isCompatible` in the API's `internal/semver`). When another version of the API
 * has registered something, our version cannot register.
 *
 * @param service the version that the service's own modules import
 */
export function describeOtherApi(service: string | undefined, ours: string | undefined): string | undefined {
  if (ours === undefined) return undefined;
  const isBlind = service !== undefined && isNewer(service, ours);
  const other = isBlind ? service : registeredApi();
  if (other === undefined || other === ours) return undefined;
  return (
    `this service has ${API} ${other}, @tandem/telemetry has ${API} ${ours}, and one sees nothing that the other ` +
    `registers: all ids would be zeros. ${oneVersion(other, ours)}`
  );
}

/** A copy of the API that sees nothing of this package's, and why and what to do. */
interface BlindCopy {
  readonly name: string;
  readonly reason: string;
}

/**
 * Explains why spans that are made with a copy of the API have no ids, by one of its files; undefined for a copy that sees
 * what this package has registered.
 *
 * @throws where the copy cannot be read
 */
export function describeBlindCopy(file: string, ours = registeredApi()): BlindCopy | undefined {
  const copy = copyOf(file);
  if (ours === undefined || sees(copy.version, ours)) return undefined;
  const own = copyFor(import.meta.url);
  const place = own?.version === ours ? ` in ${shown(own.folder)}` : '';
  return {
    name: `${API} ${copy.version} in ${shown(copy.folder)}`,
    reason:
      `@tandem/telemetry has ${API} ${ours}${place}, and one sees nothing that the other registers. ` +
      oneVersion(copy.version, ours),
  };
}

function oneVersion(other: string, ours: string): string {
  return (
    `Install one version of it: \`npm ls ${API}\` says who brings which; then ` +
    `\`npm install ${API}@${isNewer(other, ours) ? other : ours} && npm dedupe\`, or an override of your package manager.`
  );
}

/** A folder as somebody sees it who is in the working directory. */
function shown(folder: string): string {
  const below = relative(process.cwd(), folder);
  return below.startsWith('..') ? folder : below;
}

/** Whether a version of the API sees what another one has registered (`isCompatible` in the API's `internal/semver`). */
function sees(version: string, registered: string): boolean {
  if (version === registered) return true;
  if (`${version}${registered}`.includes('-')) return false;
  return version.split('.')[0] === registered.split('.')[0] && !isNewer(version, registered);
}

/**
 * Explains why spans of a process would have no ids, by the version of the API that a file of its service imports.
 *
 * @param file default: the module that the process runs
 * @param loaded the version that this package has loaded, where that is known: `run` may have given it the app's
 */
export function otherApiOf(
  file: string = resolve(process.argv[1] ?? 'main.js'),
  loaded?: string,
): string | undefined {
  const ours = apiVersionOf();
  return describeOtherApi(apiVersionOf(file), ours && (loaded ?? ours));
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
