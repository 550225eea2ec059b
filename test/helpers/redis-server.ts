import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';

/**
 * Speaks as much of Redis' protocol (RESP3) on a free port as drivers need for GET, SET, INCR and MULTI. INCR answers with
 * Redis' error for a text that is no number.
 */
export async function startRedisServer(): Promise<{ readonly port: number; close(): void }> {
  const values = new Map<string, string>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let received = '';
    let queued: string[][] | undefined;
    socket.setEncoding('utf8').on('data', (text) => {
      received += text;
      for (let command = read(); command !== undefined; command = read()) {
        socket.write(answer(command));
        if (/^quit$/i.test(command[0] ?? '')) socket.end();
      }
    });
    socket.on('error', () => {});

    /** The next whole command: `*2\r\n$3\r\nGET\r\n$1\r\na\r\n`. */
    function read(): string[] | undefined {
      const [head = '', count = '0'] = /^\*(\d+)\r\n/.exec(received) ?? [];
      const words = new RegExp(`^(?:\\$\\d+\\r\\n[^\\r]*\\r\\n){${count}}`).exec(received.slice(head.length));
      if (head === '' || words === null) return undefined;
      received = received.slice(head.length + words[0].length);
      return words[0].split('\r\n').filter((_word, at) => at % 2 === 1);
    }

    function answer(words: string[]): string {
      const [name = '', key = '', value = ''] = words;
      const upper = name.toUpperCase();
      if (upper === 'EXEC') {
        const results = (queued ?? []).map(run);
        queued = undefined;
        return `*${results.length}\r\n${results.join('')}`;
      }
      if (queued !== undefined) {
        queued.push(words);
        return '+QUEUED\r\n';
      }
      if (upper === 'MULTI') queued = [];
      return upper === 'MULTI' ? '+OK\r\n' : run([upper, key, value]);
    }
  });

  function run([name = '', key = '', value = '']: string[]): string {
    switch (name.toUpperCase()) {
      case 'GET':
        return bulk(values.get(key));
      case 'SET':
        values.set(key, value);
        return '+OK\r\n';
      case 'INCR':
        return '-ERR value is not an integer or out of range\r\n';
      case 'INFO':
        return bulk('redis_version:7.4.0\nloading:0');
      case 'HELLO':
        return '%1\r\n$5\r\nproto\r\n:3\r\n';
      default:
        return '+OK\r\n';
    }
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function bulk(value: string | undefined): string {
  return value === undefined ? '_\r\n' : `$${Buffer.byteLength(value)}\r\n${value}\r\n`;
}
