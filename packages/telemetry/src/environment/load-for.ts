import { loadOptional } from '../opentelemetry/optional-package.ts';
import { SettingsError } from './reader.ts';

/**
 * Loads the packages that a setting needs, in the order of their names.
 *
 * @throws SettingsError that names all packages that are not installed
 */
export function loadFor<T extends unknown[]>(setting: string, ...names: { [Index in keyof T]: string }): T {
  const loaded = names.map((name) => loadOptional<unknown>(name));
  const missing = names.filter((_, index) => loaded[index] === undefined);
  if (missing.length === 0) return loaded as T;
  const installed = missing.map((name) => name.match(/^(?:@[^/]+\/)?[^/]+/)?.[0]).join(' ');
  const what = missing.length === 1 ? 'a package that is' : 'packages that are';
  throw new SettingsError(setting, `needs ${what} not installed: \`npm install ${installed}\`.`);
}
