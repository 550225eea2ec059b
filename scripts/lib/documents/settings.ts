import type { VariableTable } from '../../../packages/service-kit/src/settings/environment.ts';
import { commonSettings } from '../../../packages/service-kit/src/settings/settings.ts';
import { VARIABLES } from '../../../packages/telemetry/src/process/settings/variables.ts';
import { settings as explorer } from '../../../packages/trace-explorer/src/core/config.ts';
import { settingsOf } from '../../../packages/trace-explorer/src/core/serve/config-of.ts';
import { nodeParts } from '../../../packages/trace-explorer/src/parts.node.ts';
import { settings as activitiesApi } from '../../../services/activities-api/src/config.ts';
import { settings as userLookup } from '../../../services/user-lookup/src/config.ts';
import { table } from './table.ts';

/** A variable, for docs/reference/settings.md. */
interface Setting {
  readonly name: string;
  readonly default: unknown;
  readonly does: string;
}

const ofParts = (await settingsOf(nodeParts)).map(({ variables }) => variables);

/** The variables of each process, from the code that reads them. */
export const SETTINGS: Readonly<Record<string, readonly Setting[]>> = {
  'Both services': settingsIn(commonSettings),
  'activities-api': settingsIn(activitiesApi, commonSettings),
  'user-lookup': settingsIn(userLookup, commonSettings),
  'The trace explorer': settingsIn(Object.assign({}, explorer, ...ofParts)),
  'Tracing and log lines of the services': settingsIn(VARIABLES, commonSettings),
};

/** The tables of docs/reference/settings.md. */
export function settingsTables(): string {
  const sections = Object.entries(SETTINGS).map(([reader, settings]) => {
    const rows = settings.map(({ name, default: value, does }) => [`\`${name}\``, shown(value), does]);
    return `## ${reader}\n${table(['variable', 'default', 'what it is'], rows)}`;
  });
  return sections.join('\n\n');
}

/** The settings of a table. @param listed those that another section has */
function settingsIn(table: VariableTable, listed: object = {}): Setting[] {
  return Object.entries(table)
    .filter(([name]) => !(name in listed))
    .map(([name, { otherwise, does, type }]) => ({ name, default: otherwise, does: `${type}: ${does}` }));
}

function shown(value: unknown): string {
  if (value === undefined || Object.is(value, Infinity)) return '';
  const text = Array.isArray(value) ? value.join(',') : typeof value === 'object' ? '' : String(value);
  return text && `\`${text}\``;
}
