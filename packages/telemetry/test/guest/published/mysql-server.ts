import { createServer } from 'node:net';
import type { Connection } from 'mysql2';
import { createConnection } from 'mysql2';
import { serve } from '../../serve.ts';

const COLUMN = {
  catalog: 'def',
  schema: 'shop',
  table: 'orders',
  orgTable: 'orders',
  name: 'id',
  orgName: 'id',
};
const NUMBER = { characterSet: 63, columnLength: 11, columnType: 3, flags: 0, decimals: 0 };
/** COM_STMT_PREPARE_OK, as a whole packet: statement 1, without columns and parameters. */
const PREPARED = Buffer.from([12, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const ANSWER_ON = 0xffffff & ~0x800; // all of MySQL's capabilities without TLS

/** mysql2's own server, until the test ends. A query has one row, of the table `many` 150, a prepared statement has none. A query
 * of the table `missing` fails as in MySQL. */
export function startMysqlServer(t: { teardown(handler: () => unknown): void }): Promise<number> {
  const server = createServer((socket) => {
    const connection: Connection = createConnection({ isServer: true, stream: socket });
    connection.on('error', () => {});
    connection.serverHandshake({
      protocolVersion: 10,
      serverVersion: '8.4.0',
      connectionId: 1,
      statusFlags: 2,
      characterSet: 8,
      capabilityFlags: ANSWER_ON,
      authCallback(_user: unknown, accept: (error: null) => void) {
        accept(null);
        connection.sequenceId = 0;
      },
    });
    connection.on('query', (sql: string) => {
      connection.sequenceId = 1;
      if (sql.includes('missing'))
        connection.writeError({ code: 1146, message: "Table 'shop.missing' doesn't exist" });
      else {
        const rows = Array.from({ length: sql.includes('many') ? 150 : 1 }, () => ({ id: 1 }));
        connection.writeTextResult(rows, [{ ...COLUMN, ...NUMBER }]);
      }
      connection.sequenceId = 0; // of the next command
    });
    connection.on('stmt_prepare', () => {
      socket.write(PREPARED);
      connection.sequenceId = 0;
    });
    connection.on('stmt_execute', () => {
      connection.sequenceId = 1;
      connection.writeOk();
      connection.sequenceId = 0;
    });
  });
  return serve(t, server);
}
