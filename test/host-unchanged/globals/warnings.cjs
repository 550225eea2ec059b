const { http, get, up } = require('./server.cjs');
process.on('warning', (w) => console.log('W', w.name, w.code));
(async () => {
  const [s, port] = await up((q, r) => r.end('z'));
  await get(port);
  await fetch('http://127.0.0.1:' + port).then((r) => r.text());
  console.log('done');
  s.close();
})();
