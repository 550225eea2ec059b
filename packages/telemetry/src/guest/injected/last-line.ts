import type { LoadFnOutput } from 'node:module';
import { fileURLToPath } from 'node:url';
import { stringifyJson } from '../../common/primordials.ts';
import { MODULE_LOADED } from '../loading/module-loading.ts';
import { rowOf } from './give-channels.ts';

/**
 * A file of ES modules of a library with one more line at its end, which publishes what the file exports, and takes back its own
 * functions. The text before stays as it is, and so does whatever the file exports.
 *
 * @throws Error that says why the file stays as it is
 */
export function withLastLine(library: string, url: string, loaded: LoadFnOutput): LoadFnOutput {
  const { search, pathname } = new URL(url);
  const name = pathname.slice(pathname.lastIndexOf('/') + 1);
  // Modules that OpenTelemetry's own hooks make import the file itself.
  if (search.startsWith('?iitm')) return loaded;
  const { row, path } = rowOf(library, fileURLToPath(url).replaceAll('\\', '/')) ?? {};
  const file = row?.modules?.[path ?? ''];
  if (file === undefined) return loaded;
  if (search !== '') throw new Error(`it was imported as ${name}${search}, and not by its file's own name.`);
  const { format, source } = loaded;
  if (format !== 'module' || source == null) throw new Error(`another loader made ${format} of ${name}.`);
  const { exports, locals = {} } = file;
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  return {
    ...loaded,
    source: `${assignable(text, locals)}\n${lineOf(name, Object.keys(exports), locals)}\n`,
  };
}

/** The text, in which a function that is the default export can be replaced: `export default` exports its present value. */
function assignable(text: string, { default: name }: Readonly<Record<string, string>>): string {
  return name === undefined
    ? text
    : text.replace(new RegExp(`^export default ${name}\\b;?`, 'm'), `export { ${name} as default };`);
}

function lineOf(file: string, exported: readonly string[], locals: Readonly<Record<string, string>>): string {
  const values = exported.map((name) => `${name}: tandemOwn.${name}`);
  const own = Object.entries(locals).map(([name, local]) => `${name}: ${local}`);
  const takeBack = own.length > 0 ? `try { ({ ${own.join(', ')} } = tandemFile.exports); } catch {}` : '';
  return [
    `import * as tandemOwn from ${stringifyJson(`./${file}`)};`,
    `import { channel as tandemChannel } from 'node:diagnostics_channel';`,
    `const tandemFile = { url: import.meta.url, exports: { ${values.join(', ')} } };`,
    `tandemChannel(${stringifyJson(MODULE_LOADED)}).publish(tandemFile);`,
    takeBack,
  ].join(' ');
}
