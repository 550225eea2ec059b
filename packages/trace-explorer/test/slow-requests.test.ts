import { connect } from 'node:net';
import t from 'tap';
import { temporaryExplorer } from './explorer.ts';

for (const [what, sent] of [
  ['whose headers do not end', 'POST /1/queries/all HTTP/1.1\r\nhost: localhost\r\n'],
  [
    'whose body does not end',
    'POST /1/queries/all HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"res',
  ],
] as const)
  t.test(`a request ${what} is cut off, and others are answered meanwhile`, async (t) => {
    const { app, get } = await temporaryExplorer(t, { requestTimeoutMs: 300 });
    const { port } = new URL(await app.listen({ port: 0 }));
    const socket = connect(Number(port), '127.0.0.1');
    const answer = new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (data) => {
        text += data;
      });
      socket.on('close', () => resolve(text));
    });
    socket.write(sent);
    t.equal((await get('/api/status')).status, 200);
    t.match(await answer, /^HTTP\/1\.1 408/);
  });
