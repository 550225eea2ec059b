// Uploads of node:http whose source fails: what the app hears, of the request and of the source.
const { pipeline, Readable } = require('node:stream');
const { createReadStream } = require('node:fs');
const { http, up } = require('./server.cjs');
const failing = () =>
  Readable.from(
    (async function* () {
      yield 'a';
      throw new Error('source failed');
    })(),
  );
const ask = (port, what, send) =>
  new Promise((done) => {
    const r = http.request({ port, method: 'POST', agent: false }, (x) => x.resume());
    r.on('error', (e) => console.log(what, 'request', e.code, e.message));
    r.on('close', () => {
      console.log(what, 'closed', r.writableEnded, r.destroyed);
      setTimeout(done, 20);
    });
    send(r);
  });
(async () => {
  const [s, port] = await up((q, r) => q.resume().on('error', () => {}));
  const piped = (source) => (r) => pipeline(source, r, (e) => console.log('pipeline', e?.message));
  await ask(port, 'stream', piped(failing()));
  await ask(port, 'file', piped(createReadStream('/no/such/file')));
  await ask(port, 'destroy', (r) => {
    const source = failing().on('error', (e) => r.destroy(e));
    source.pipe(r);
    console.log('pipes', source.readableFlowing, source.listenerCount('data'));
  });
  s.closeAllConnections();
  s.close();
})();
