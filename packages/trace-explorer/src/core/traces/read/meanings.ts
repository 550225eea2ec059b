import type { Static } from 'typebox';
import Type from 'typebox';
import { namesFor } from '../../conventions/attributes.ts';
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
  method: namesFor('http.request.method'),
  status: [...namesFor('http.response.status_code'), 'rpc.grpc.status_code'],
  url: namesFor('url.full'),
  path: ['url.path', 'http.path'],
  databaseSystem: [...namesFor('db.system.name'), 'db.type'],
  databaseName: namesFor('db.namespace'),
  statement: namesFor('db.query.text'),
  destination: [...namesFor('messaging.destination.name'), 'messaging.destination'],
  codeFile: namesFor('code.file.path'),
  codeLine: namesFor('code.line.number'),
  codeColumn: namesFor('code.column.number'),
  codeFunction: namesFor('code.function.name'),
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
      ...namesFor('messaging.system.name'),
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
