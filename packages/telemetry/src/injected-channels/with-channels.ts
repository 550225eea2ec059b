import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type * as Transformer from '@apm-js-collab/code-transformer';
import { listenTo } from '../api/channels.ts';
import type { Logger } from '../delivery/logger.ts';
import { ownRequire } from '../settings/optional-package.ts';
import { announced, OWN } from './call.ts';
import { TABLE } from './libraries.ts';
import { otherTracerOf } from './other-tracers.ts';

/** Libraries about which a line was said. */
const told = new Set<string>();
const listening = new Set<string>();

/** A file of a library that Node loads. */
interface Loading {
  readonly library: string;
  /** URL or path. */
  readonly url: string;
  readonly source: string;
  readonly log: Logger;
  /** Takes how to stop listening. */
  readonly stops: (() => void)[];
}

/**
 * The source of a file whose functions have channels, to which telemetry listens now. Undefined for a file that is not in the
 * table.
 *
 * @throws Error for a file that looks otherwise than the table says
 */
export function withChannels(loading: Loading): string | undefined {
  const { library, url, source, log, stops } = loading;
  const row = TABLE[library];
  const [root, path] = splitAt(url, library);
  const functions = path.startsWith(row?.folder ?? '')
    ? row?.files[path.slice(row.folder.length)]
    : undefined;
  if (row === undefined || functions === undefined || source.includes(`:${OWN}`)) return undefined;
  const leave = (reason: string) => {
    if (!told.has(library)) log.warn({}, `${library} has no spans: ${reason}`);
    told.add(library);
    return undefined;
  };
  const other = otherTracerOf(row.tracedBy);
  if (other !== undefined) return leave(`${other} traces it.`);
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  const changed = inject(
    source,
    { name: library, versionRange: row.versions, filePath: path },
    version,
    functions,
  );
  if (changed === undefined)
    return leave(`telemetry knows the versions ${row.versions}, and ${version} is installed.`);
  if (!listening.has(library)) {
    listening.add(library);
    stops.push(listenTo(row.listeners as never), () => listening.delete(library));
  }
  announced.publish({ library });
  return changed;
}

/** The folder of a library, with the slash, and the path of the file in it. */
function splitAt(url: string, library: string): [folder: string, file: string] {
  const path = url.startsWith('file:') ? fileURLToPath(url).replaceAll('\\', '/') : url;
  const part = `/node_modules/${library}/`;
  const at = path.lastIndexOf(part) + part.length;
  return [path.slice(0, at), path.slice(at)];
}

/**
 * The code with its channels; undefined for a version that is not in the table.
 *
 * @throws Error where the file has not all functions of the table
 */
function inject(
  code: string,
  module: { readonly name: string; readonly versionRange: string; readonly filePath: string },
  version: string,
  functions: readonly string[],
): string | undefined {
  const { create } = ownRequire('@apm-js-collab/code-transformer') as typeof Transformer;
  const configs = functions.map((each) => ({ module, ...configOf(each) }));
  const changed = create(configs as never)
    .getTransformer(module.name, version, module.filePath)
    ?.transform(code, 'cjs').code;
  const missing = configs.find(({ channelName }) => changed?.includes(`:${channelName}"`) === false);
  if (missing !== undefined) throw new Error(`${module.filePath} has no function for ${missing.channelName}`);
  return changed;
}

function configOf(described: string) {
  const [kind = '', by = '', name = '', beside] = described.split(' ');
  const selector = `ClassBody:has(> [key.name="${beside}"]) > [key.name="${name}"] > FunctionExpression`;
  return {
    channelName: OWN + name,
    functionQuery: { [by]: name, kind },
    ...(kind === 'Published' && { transform: publishAtEnd }),
    ...(beside !== undefined && { astQuery: selector }),
  };
}

interface State {
  readonly channelName: string;
  readonly transforms: { tracingChannelDeclaration(state: State, program: unknown): void };
}

/** Adds `channel.end.publish({ self: this })` at the end of a function: frames around it would hide the app from a short stack. */
function publishAtEnd(
  state: State,
  node: { readonly body: { readonly body: object[] } },
  _parent: unknown,
  ancestry: readonly unknown[],
): void {
  state.transforms.tracingChannelDeclaration(state, ancestry.at(-1));
  const named = (name: string) => ({ type: 'Identifier', name });
  const memberOf = (object: object, name: string) => ({
    type: 'MemberExpression',
    object,
    property: named(name),
  });
  const self = { type: 'Property', kind: 'init', key: named('self'), value: { type: 'ThisExpression' } };
  const callee = memberOf(memberOf(named(`tr_ch_apm$${state.channelName}`), 'end'), 'publish');
  const message = { type: 'ObjectExpression', properties: [self] };
  const expression = { type: 'CallExpression', callee, arguments: [message] };
  node.body.body.push({ type: 'ExpressionStatement', expression });
}
