import { readFileSync } from 'node:fs';
import nodeModule, { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { acceptConditions } from '@tandem/telemetry/workspace/module-loading';
import { compareVersions } from '@tandem/telemetry/workspace/versions';

const API = '@opentelemetry/api';

/**
 * Gives telemetry the app's copy of OpenTelemetry's API where it is the newer one. A newer API sees nothing of what an older
 * one registers, so telemetry would be off; an older one sees all.
 *
 * @param telemetry a file of telemetry, as a path or URL
 * @param app a file of the app
 */
export function shareApi(telemetry: string, app: string): void {
  const [own, theirs] = [apiFor(telemetry), apiFor(app)];
  if (own === undefined || theirs === undefined || compareVersions(theirs.version, own.version) <= 0) return;
  nodeModule.registerHooks?.({
    resolve(specifier, context, next) {
      acceptConditions();
      const found = next(specifier, context);
      const isOwn = specifier === API && found.url.startsWith(own.folder);
      return isOwn ? { ...found, url: theirs.url } : found;
    },
  });
}

/** The API that a file gets; undefined where it gets none. */
function apiFor(file: string) {
  try {
    const url = pathToFileURL(createRequire(file).resolve(API)).href;
    const [folder = ''] = /^.*\/@opentelemetry\/api\//.exec(url) ?? [];
    const { version }: { version: string } = JSON.parse(
      readFileSync(new URL('package.json', folder), 'utf8'),
    );
    return { url, folder, version };
  } catch {
    return undefined;
  }
}
