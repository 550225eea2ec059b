// An upgrade, which a caller listens to or not.
const { http, up } = require('./server.cjs');
(async () => {
  const [s, port] = await up((q, r) => r.end('plain'));
  s.on('upgrade', (q, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nhello');
    socket.on('data', (chunk) => socket.end(chunk)).on('error', () => {});
  });
  const headers = { connection: 'upgrade', upgrade: 'x' };
  const r = http.request({ port, headers });
  r.on('close', () => console.log('request closed'));
  r.on('upgrade', (x, socket, head) => {
    console.log(x.statusCode, String(head), socket.listenerCount('data'), r.listenerCount('upgrade'));
    socket.on('data', (chunk) => console.log(String(chunk))).on('close', () => {
      const unheard = http.request({ port, headers });
      unheard.on('error', (e) => console.log('unheard', e.code));
      unheard.on('close', () => {
        console.log('unheard closed');
        s.close();
      });
      unheard.end();
    });
    socket.write('echo');
  });
  r.end();
})();
