const { http, get, up } = require('./server.cjs');
const dc = require('diagnostics_channel');
for (const n of [
  'http.server.request.start',
  'http.server.response.finish',
  'http.client.request.start',
  'http.client.request.created',
  'undici:request:create',
  'undici:request:headers',
  'http.server.response.created',
])
  dc.subscribe(n, () => {
    throw new Error('sub ' + n);
  });
process.on('uncaughtException', (e) => console.log('UE', e.message));
(async () => {
  const [s, port] = await up((q, r) => r.end('z'));
  console.log((await get(port)).b);
  console.log(await fetch('http://127.0.0.1:' + port).then((r) => r.text()));
  s.close();
})();
