import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '..');

/** A service of this project: a folder in `services`. */
export interface Service {
  readonly name: string;
  readonly folder: string;
  /** Of its package.json. */
  readonly port: number;
  /** The variable with which other services find it: `USER_LOOKUP_URL`. */
  readonly urlVariable: string;
}

/** All services, by name. */
export function readServices(): Service[] {
  const entries = readdirSync(join(ROOT, 'services'), { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return names.toSorted().map((name) => {
    const folder = join(ROOT, 'services', name);
    const { config } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const urlVariable = `${name.toUpperCase().replaceAll('-', '_')}_URL`;
    return { name, folder, port: config.port, urlVariable };
  });
}
