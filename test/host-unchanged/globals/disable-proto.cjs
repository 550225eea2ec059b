const { http, get, up } = require('./server.cjs');
(async () => {
  const [s, port] = await up((q, r) => r.end('z'));
  console.log((await get(port)).b, '__proto__' in {});
  console.log(await fetch('http://127.0.0.1:' + port).then((r) => r.text()));
  s.close();
})();
