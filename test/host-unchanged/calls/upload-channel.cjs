// A publisher of got's channel for errors, whose messages are the app's.
const { channel } = require('node:diagnostics_channel');
const { http, up } = require('./server.cjs');
(async () => {
  const [s, port] = await up((q) => q.resume().on('error', () => {}));
  const url = `http://127.0.0.1:${port}/`;
  const r = http.request(url, { method: 'POST', agent: false });
  r.on('error', (e) => console.log(e.code, e.message, e.cause));
  r.on('close', () => {
    s.closeAllConnections();
    s.close();
  });
  r.write('a');
  setTimeout(() => {
    for (const message of [undefined, null, 'text', {}, { url, error: null }, { url, error: Object.freeze(new Error('told')) }])
      channel('got:request:error').publish(message);
    r.destroy();
  }, 50);
})();
