// Requests and answers that their caller destroys, with an error and without.
const { http, up } = require('./server.cjs');
const ask = (port, what, act) =>
  new Promise((done) => {
    const r = http.get({ port, agent: false }, (x) => {
      x.on('error', (e) => console.log(what, 'answer', e.code, e.message)).on('data', () => act(r, x));
      x.on('close', () => console.log(what, 'answer closed', x.complete, x.destroyed));
    });
    r.on('error', (e) => console.log(what, 'request', e.code, e.message));
    r.on('close', () => {
      console.log(what, 'request closed', r.destroyed, r.errored?.message);
      setImmediate(done);
    });
  });
(async () => {
  const [s, port] = await up((q, r) => r.write('x'));
  await ask(port, 'request', (r) => r.destroy());
  await ask(port, 'request with', (r) => r.destroy(new Error('not wanted')));
  await ask(port, 'answer', (r, x) => x.destroy());
  await ask(port, 'answer with', (r, x) => x.destroy(new Error('not wanted')));
  s.closeAllConnections();
  s.close();
})();
