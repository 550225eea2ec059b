import table from './attributes.json' with { type: 'json' };
import { nearestName } from './nearest-name.ts';

/** The entry of an attribute in the semantic conventions. */
export interface KnownAttribute {
  /** Undefined where the package that the table comes from does not show the type. */
  readonly type?: 'string' | 'int' | 'double' | 'boolean' | 'array';
  readonly stable?: true;
  /** The conventions' own sentence about a deprecated attribute. */
  readonly deprecated?: string;
  /** The names that replace it, the usual one first. */
  readonly by?: readonly string[];
}

/** The release of `@opentelemetry/semantic-conventions` that the table comes from. */
export const SEMCONV_VERSION = '1.45.0';

const ATTRIBUTES: ReadonlyMap<string, KnownAttribute> = new Map(
  Object.entries(table as Readonly<Record<string, KnownAttribute>>),
);
/** `http.request.header.`: the families of names that end in a key of the application. */
const FAMILIES = [...ATTRIBUTES.keys()]
  .filter((name) => name.endsWith('.*'))
  .map((name) => name.slice(0, -1));

const OLD_NAMES = new Map<string, string[]>();
for (const [name, { by = [] }] of ATTRIBUTES)
  for (const each of by) OLD_NAMES.set(each, [...(OLD_NAMES.get(each) ?? []), name]);

/** The entry of a name in the conventions; undefined for a name that they lack. */
export function knownAttribute(name: string): KnownAttribute | undefined {
  const family = ATTRIBUTES.has(name) ? undefined : FAMILIES.find((prefix) => name.startsWith(prefix));
  return ATTRIBUTES.get(family === undefined ? name : `${family}*`);
}

/** A name, and the deprecated names with the same meaning: `http.route`, `http.request.method` and `http.method`. */
export function aliasesOf(name: string): readonly string[] {
  return [name, ...(OLD_NAMES.get(name) ?? [])];
}

/** Meanings that two names of the conventions have, although neither replaces the other. */
const EQUAL_NAMES: readonly (readonly string[])[] = [['user.id', 'enduser.id']];

/** Names of the attributes that a value may stand in beside the named one: names that replaced it, and names that these replaced. */
export function equalNames(name: string): readonly string[] {
  const present = [name, ...(ATTRIBUTES.get(name)?.by ?? [])];
  const equal = EQUAL_NAMES.find((names) => names.includes(name)) ?? [];
  return [...new Set([...present.flatMap(aliasesOf), ...equal])];
}

/** The name, and the names of the same meaning. Of a beginning: of each name of the conventions that begins so. */
export function withEqualNames(name: string): readonly string[] {
  const known = name.endsWith('*') && name !== '*' ? knownNames(name.slice(0, -1)) : [name];
  return [...new Set([name, ...known.flatMap(equalNames)])];
}

/** Attributes in whose values the value of another one stands, or may stand. */
const WITHIN: Readonly<Record<string, readonly string[]>> = {
  'url.query': ['url.full'],
  'url.path': ['url.full'],
  'url.full': ['url.query', 'url.path'],
  'client.address': ['network.peer.address', 'net.peer.ip'],
  'network.peer.address': ['client.address'],
  'db.query.text': ['db.query.summary'],
};

/** The names of {@link withEqualNames}, and of the attributes that repeat a value of theirs: `http.url` for `url.query`. */
export function withSemconvAliases(name: string): readonly string[] {
  const own = withEqualNames(name);
  const repeating = own.flatMap((each) => (Object.hasOwn(WITHIN, each) ? (WITHIN[each] ?? []) : []));
  return [...new Set([...own, ...repeating.flatMap(equalNames)])];
}

/** All names of the conventions with this beginning. */
function knownNames(beginning: string): readonly string[] {
  return [...ATTRIBUTES.keys()].filter((name) => name.startsWith(beginning) && !name.endsWith('*'));
}

/**
 * Namespaces that instrumentation and not an application writes. The others (`app`, `user`, `event`, `session` …) have names of
 * both: https://opentelemetry.io/docs/specs/semconv/general/naming/#recommendations-for-application-developers
 */
const RESERVED = new Set(
  `aws azure client cloud code container db deployment destination dns enduser error exception faas feature_flag gcp gen_ai
    graphql host http k8s messaging net network os otel peer process rpc server service source telemetry thread tls url
    user_agent webengine`.split(/\s+/),
);

/** Whether a name is in a namespace that only the conventions may add to. */
export function isReserved(name: string): boolean {
  const [namespace = '', ...rest] = name.split('.');
  return rest.length > 0 && RESERVED.has(namespace);
}

/** The known name that is spelt most like an unknown one, in the same namespace; undefined when none is near. */
export function nearestKnown(name: string): string | undefined {
  const namespace = name.slice(0, name.indexOf('.') + 1);
  const known = [...ATTRIBUTES].filter(
    ([each, { deprecated }]) => deprecated === undefined && each.startsWith(namespace) && !each.endsWith('*'),
  );
  return nearestName(
    name,
    known.map(([each]) => each),
    name.length / 3,
  );
}
