import type { Finding } from './finding.ts';
import type { InstalledPackage } from './installed-packages.ts';
import { installedPackages } from './installed-packages.ts';

const check = 'opentelemetry';
const API = '@opentelemetry/api';

/**
 * Which packages of OpenTelemetry the services in these folders would load, and what of it is there twice: two copies of
 * the API do not see each other's spans.
 */
export function examineCopies(directories: readonly string[]): Finding[] {
  const byName = Map.groupBy(
    installedPackages(directories).filter(({ name }) => name.startsWith('@opentelemetry/')),
    ({ name }) => name,
  );
  if (!byName.has(API)) {
    const what = `${API} is not installed for ${directories.join(' and ')}.`;
    return [{ check, level: 'problem', what, fix: 'Install the dependencies.' }];
  }
  const doubled = [...byName].filter(([, copies]) => copies.length > 1);
  const packages = Object.fromEntries(
    [...byName].toSorted().map(([name, copies]) => [name, versionsOf(copies)]),
  );
  const sdk = byName.get('@opentelemetry/sdk-trace') ?? byName.get('@opentelemetry/sdk-trace-base');
  const summary: Finding = {
    check,
    level: 'ok',
    what:
      `api ${versionsOf(byName.get(API) ?? []).join(', ')}, ${sdk ? `SDK ${versionsOf(sdk).join(', ')}, ` : ''}` +
      `${byName.size} of its packages in all${doubled.length === 0 ? ', one copy of each' : ''}.`,
    data: { packages },
  };
  return [summary, ...doubled.map(([name, copies]) => describeCopies(name, copies))];
}

function describeCopies(name: string, copies: readonly InstalledPackage[]): Finding {
  const places = copies.map(({ version, directory }) => `${version} in ${directory}`);
  const loss =
    name === API ? "they do not see each other's spans" : 'what one sets up, the other does not know';
  return {
    check,
    level: name === API ? 'problem' : 'warning',
    what: `${copies.length} copies of ${name}, and ${loss}: ${places.join(' and ')}.`,
    fix: `Install one version, with an override of your package manager; \`npm ls ${name}\` or \`pnpm why -r ${name}\` says who brings it.`,
  };
}

function versionsOf(copies: readonly InstalledPackage[]): string[] {
  return [...new Set(copies.map(({ version }) => version))].toSorted();
}
