import { loadOptional } from '../opentelemetry/optional-package.ts';
import { SettingsError } from './env-reader.ts';

/**
 * Loads a package that a setting needs.
 *
 * @throws SettingsError that names the package, when it is not installed
 */
export function loadFor<T>(setting: string, name: string): T {
  const loaded = loadOptional<T>(name);
  if (loaded !== undefined) return loaded;
  const installed = name.match(/^(?:@[^/]+\/)?[^/]+/)?.[0];
  throw new SettingsError(setting, `needs a package that is not installed: \`npm install ${installed}\`.`);
}
