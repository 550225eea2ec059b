import type { Static } from 'typebox';
import Type from 'typebox';
import { aliasesOf } from '../../conventions/attributes.ts';
import { TOOL_FIELDS } from '../model/agents/tool-of.ts';

const HOST = [
  ...['server.address', 'net.peer.name', 'http.host', 'peer.address'],
  ...['service.peer.name', 'peer.service', 'server.service.name'],
];

/**
 * Names of one meaning, the present one first: names that the conventions replaced, and names of other senders. Some replaced
 * names are left out, because on a CLIENT span they name its own host.
 */
export const NAMES = {
  method: aliasesOf('http.request.method'),
  status: [...aliasesOf('http.response.status_code'), 'rpc.grpc.status_code'],
  url: aliasesOf('url.full'),
  path: ['url.path', 'http.path'],
  databaseSystem: [...aliasesOf('db.system.name'), 'db.type'],
  databaseName: aliasesOf('db.namespace'),
  statement: aliasesOf('db.query.text'),
  destination: [...aliasesOf('messaging.destination.name'), 'messaging.destination'],
  codeFile: aliasesOf('code.file.path'),
  codeLine: aliasesOf('code.line.number'),
  codeColumn: aliasesOf('code.column.number'),
  codeFunction: aliasesOf('code.function.name'),
  user: ['user.id', 'enduser.id', 'user.name'],
  /** The tool that an agent used. */
  tool: TOOL_FIELDS,
  host: HOST,
  /** The callee, also where a call names no host. */
  callee: [
    ...HOST,
    ...[
      'net.peer.ip',
      'net.sock.peer.addr',
      'rpc.service',
      ...aliasesOf('messaging.system.name'),
      'rpc.system.name',
      'rpc.system',
    ],
  ],
} satisfies Record<string, readonly string[]>;

/** The fields that a value may stand in, and the value: for a query. */
export const NamedValue = Type.Object({
  field: Type.String(),
  or: Type.Optional(
    Type.Array(Type.String(), {
      description: 'further names of the same meaning, which count where a span lacks the first',
    }),
  ),
  value: Type.String(),
});
export type NamedValue = Static<typeof NamedValue>;

/** The names behind a value, among the names that spans have. */
export function namedValue(
  names: readonly string[],
  has: (name: string) => boolean,
  value: string,
): NamedValue {
  const [field = names[0] ?? '', ...or] = names.filter(has);
  return { field, value, ...(or.length > 0 && { or }) };
}
