/** Version of the OpenTelemetry semantic conventions whose facts these tables hold. */
export const SEMCONV_VERSION = '1.44.0';

/** Value types of attributes, as the conventions name them. */
export type AttributeType = 'string' | 'int' | 'string[]';

/** The namespaces that the tables cover: an attribute in one of them must be in a table. */
export const NAMESPACES = [
  'client',
  'db',
  'error',
  'exception',
  'http',
  'net',
  'network',
  'server',
  'url',
  'user_agent',
] as const;

/** All attributes of these namespaces on spans and exception events, with their types. */
export const ATTRIBUTES: Readonly<Record<string, AttributeType>> = {
  'client.address': 'string',
  'client.port': 'int',
  'db.collection.name': 'string',
  'db.namespace': 'string',
  'db.operation.batch.size': 'int',
  'db.operation.name': 'string',
  'db.query.summary': 'string',
  'db.query.text': 'string',
  'db.response.returned_rows': 'int',
  'db.response.status_code': 'string',
  'db.stored_procedure.name': 'string',
  'db.system.name': 'string',
  'error.type': 'string',
  'exception.message': 'string',
  'exception.stacktrace': 'string',
  'exception.type': 'string',
  'http.connection.state': 'string',
  'http.request.body.size': 'int',
  'http.request.method': 'string',
  'http.request.method_original': 'string',
  'http.request.resend_count': 'int',
  'http.request.size': 'int',
  'http.response.body.size': 'int',
  'http.response.size': 'int',
  'http.response.status_code': 'int',
  'http.route': 'string',
  'network.local.address': 'string',
  'network.local.port': 'int',
  'network.peer.address': 'string',
  'network.peer.port': 'int',
  'network.protocol.name': 'string',
  'network.protocol.version': 'string',
  'network.transport': 'string',
  'network.type': 'string',
  'server.address': 'string',
  'server.port': 'int',
  'url.domain': 'string',
  'url.extension': 'string',
  'url.fragment': 'string',
  'url.full': 'string',
  'url.original': 'string',
  'url.path': 'string',
  'url.port': 'int',
  'url.query': 'string',
  'url.registered_domain': 'string',
  'url.scheme': 'string',
  'url.subdomain': 'string',
  'url.template': 'string',
  'url.top_level_domain': 'string',
  'user_agent.name': 'string',
  'user_agent.original': 'string',
  'user_agent.os.name': 'string',
  'user_agent.os.version': 'string',
  'user_agent.synthetic.type': 'string',
  'user_agent.version': 'string',
};

/** Attributes whose names end in a key of the application's, lower case for headers. */
export const TEMPLATES: Readonly<Record<string, AttributeType>> = {
  'db.operation.parameter.': 'string',
  'db.query.parameter.': 'string',
  'http.request.header.': 'string[]',
  'http.response.header.': 'string[]',
};

/** Former names, with what took their place; undefined where nothing did. */
export const DEPRECATED: Readonly<Record<string, string | undefined>> = {
  'db.connection_string': 'server.address and server.port',
  'db.name': 'db.namespace',
  'db.operation': 'db.operation.name',
  'db.sql.table': 'db.collection.name',
  'db.statement': 'db.query.text',
  'db.system': 'db.system.name',
  'db.user': undefined,
  'error.message': undefined,
  'exception.escaped': undefined,
  'http.client_ip': 'client.address',
  'http.flavor': 'network.protocol.name and network.protocol.version',
  'http.host': 'server.address or client.address',
  'http.method': 'http.request.method',
  'http.request_content_length': 'http.request.header.content-length',
  'http.response_content_length': 'http.response.header.content-length',
  'http.scheme': 'url.scheme',
  'http.server_name': 'server.address',
  'http.status_code': 'http.response.status_code',
  'http.target': 'url.path and url.query',
  'http.url': 'url.full',
  'http.user_agent': 'user_agent.original',
  'net.host.ip': 'network.local.address',
  'net.host.name': 'server.address',
  'net.host.port': 'server.port',
  'net.peer.ip': 'network.peer.address',
  'net.peer.name': 'server.address or client.address',
  'net.peer.port': 'server.port or client.port',
  'net.protocol.name': 'network.protocol.name',
  'net.protocol.version': 'network.protocol.version',
  'net.sock.host.addr': 'network.local.address',
  'net.sock.host.port': 'network.local.port',
  'net.sock.peer.addr': 'network.peer.address',
  'net.sock.peer.name': undefined,
  'net.sock.peer.port': 'network.peer.port',
  'net.transport': 'network.transport',
};

/** Values of attributes with a closed list. */
export const VALUES: Readonly<Record<string, readonly string[]>> = {
  'http.request.method': [
    'CONNECT',
    'DELETE',
    'GET',
    'HEAD',
    'OPTIONS',
    'PATCH',
    'POST',
    'PUT',
    'QUERY',
    'TRACE',
    '_OTHER',
  ],
  'network.transport': ['pipe', 'quic', 'tcp', 'udp', 'unix'],
  'network.type': ['ipv4', 'ipv6'],
};

/** Query parameters whose values must read `REDACTED` in `url.full` and `url.query`; upper and lower case differ. */
export const SENSITIVE_QUERY_KEYS: readonly string[] = [
  'X-Amz-Signature',
  'X-Amz-Credential',
  'X-Amz-Security-Token',
  'sig',
  'X-Goog-Signature',
];
