import { describeSettings } from '../../process/report/announce.ts';
import type { SettingsDefaults, TelemetrySettings } from '../../process/settings/index.ts';
import { readSettings } from '../../process/settings/index.ts';
import type { Finding } from './finding.ts';

/** The settings of an environment, and findings about them. */
export interface ExaminedSettings {
  readonly findings: readonly Finding[];
  readonly settings: TelemetrySettings;
}

const check = 'settings';

/** Reads the settings as a process with this environment would. The findings name ignored values. */
export function examineSettings(
  environment: NodeJS.Dict<string>,
  defaults: SettingsDefaults = {},
): ExaminedSettings {
  const settings = readSettings(environment, defaults);
  const { fields, message } = describeSettings(settings);
  const findings: Finding[] = [
    { check, level: 'ok', what: message, data: fields.telemetry },
    ...settings.warnings.map((what): Finding => ({ check, level: 'warning', what, fix: toCorrect(what) })),
    ...withoutSpans(settings, environment),
    ...withoutContext(settings),
  ];
  return { findings, settings };
}

/** Warnings begin with the variable's name. */
function toCorrect(warning: string): string {
  return `Correct or unset ${warning.slice(0, warning.indexOf(' '))}.`;
}

/** Settings with which there are no spans, or few. */
function withoutSpans(
  { disabled, exporters }: TelemetrySettings,
  environment: NodeJS.Dict<string>,
): Finding[] {
  if (disabled) return [off('OTEL_SDK_DISABLED=true: nothing makes spans.', 'Unset OTEL_SDK_DISABLED.')];
  if (!exporters.includes('otlp'))
    return [off('OTEL_TRACES_EXPORTER has no otlp: nothing sends spans.', 'Unset OTEL_TRACES_EXPORTER.')];
  const { OTEL_TRACES_SAMPLER: sampler = '', OTEL_TRACES_SAMPLER_ARG: argument } = environment;
  if (sampler.endsWith('always_off'))
    return [off(`OTEL_TRACES_SAMPLER=${sampler}: no trace begins here.`, 'Unset OTEL_TRACES_SAMPLER.')];
  if (!argument || sampler === '' || sampler.endsWith('always_on')) return [];
  const what = `${sampler} ${argument}: a request without a trace may be missing because it was not sampled.`;
  return [{ check, level: 'note', what, fix: 'To see every request, unset OTEL_TRACES_SAMPLER.' }];
}

/** Whether OTEL_PROPAGATORS has a format that carries traces from service to service. */
export function carriesTraces({ propagators }: Pick<TelemetrySettings, 'propagators'>): boolean {
  return propagators.some((name) => name !== 'baggage');
}

function withoutContext(settings: TelemetrySettings): Finding[] {
  if (settings.disabled || carriesTraces(settings)) return [];
  const what = `OTEL_PROPAGATORS=${settings.propagators.join(',') || 'none'} carries no trace: each service makes traces of its own.`;
  return [{ check, level: 'warning', what, fix: 'Unset OTEL_PROPAGATORS, or add tracecontext.' }];
}

function off(what: string, fix: string): Finding {
  return { check, level: 'problem', what, fix };
}
