const { http, get, up } = require('./server.cjs');
(async () => {
  const [s, port] = await up((q, r) => {
    r.write('a');
    q.on('close', () => console.log('req close', q.destroyed));
  });
  const r = http.get({ port, agent: false }, (x) => {
    x.on('data', () => r.destroy());
    x.on('error', (e) => console.log(e.code, e.message));
    x.on('close', () => {
      console.log('closed');
      s.close();
    });
  });
  r.on('error', (e) => console.log('r', e.code));
})();
