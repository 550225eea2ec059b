import { quote, SettingsError } from './env-reader.ts';

/** @throws SettingsError unless `text` is an absolute http or https URL */
export function parseHttpUrl(variable: string, text: string): URL {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new SettingsError(variable, `must be a URL like http://localhost:4318, not ${quote(text)}.`);
  }
  return url;
}
