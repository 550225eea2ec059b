/** These tables hold facts of this version of the OpenTelemetry semantic conventions. */
export const SEMCONV_VERSION = '1.44.0';

/** Value types of attributes, as the conventions name them. */
export type AttributeType = 'string' | 'int' | 'string[]';

/** The attributes of spans and exception events, by namespace. Other attributes of these namespaces are wrong. */
const NAMESPACES: Readonly<Record<string, string>> = {
  client: 'address port',
  db: `collection.name namespace operation.batch.size operation.name query.summary query.text response.returned_rows
    response.status_code stored_procedure.name system.name`,
  error: 'type',
  exception: 'message stacktrace type',
  http: `connection.state request.body.size request.method request.method_original request.resend_count request.size
    response.body.size response.size response.status_code route`,
  net: '', // all deprecated
  network: 'local.address local.port peer.address peer.port protocol.name protocol.version transport type',
  server: 'address port',
  url: `domain extension fragment full original path port query registered_domain scheme subdomain template
    top_level_domain`,
  user_agent: 'name original os.name os.version synthetic.type version',
};

/** Names that end in a key of the application. */
const TEMPLATE = /^(?:db\.(?:operation|query)\.parameter|http\.(?:request|response)\.(header))\../;

const INTEGER = /\.(?:port|size|resend_count|returned_rows)$|^http\.response\.status_code$/;

const NAMES: ReadonlySet<string> = new Set(
  Object.entries(NAMESPACES).flatMap(([namespace, names]) =>
    names.split(/\s+/).map((name) => `${namespace}.${name}`),
  ),
);

/** Whether the conventions, and not the application, define an attribute. */
export function isCovered(key: string): boolean {
  const [namespace = '', ...rest] = key.split('.');
  return rest.length > 0 && Object.hasOwn(NAMESPACES, namespace);
}

/** Undefined for a name that the conventions lack, or have deprecated. */
export function typeOf(key: string): AttributeType | undefined {
  const template = TEMPLATE.exec(key);
  if (template !== null) return template[1] === undefined ? 'string' : 'string[]';
  if (!NAMES.has(key)) return undefined;
  return INTEGER.test(key) ? 'int' : 'string';
}
