import { ConfigError } from '@tandem/service-kit/http';

/**
 * Headers of a variable, as in OTEL_EXPORTER_OTLP_HEADERS: name=value, separated by commas, values percent-encoded. Their names
 * are in lower case.
 * @throws ConfigError, which does not repeat the value
 */
export function readHeaders(variable: string, list: string): Record<string, string> {
  try {
    const headers = new Headers();
    for (const pair of list.split(',')) {
      const at = pair.indexOf('=');
      if (at >= 0) headers.set(pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim()));
    }
    return Object.fromEntries(headers);
  } catch {
    const form = 'headers as name=value, separated by commas, values percent-encoded';
    throw new ConfigError(variable, `${variable} must be ${form}.`);
  }
}
