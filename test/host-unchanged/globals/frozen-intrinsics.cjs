const { get, up } = require('./server.cjs');
(async () => {
  const [s, port] = await up((q, r) => r.end('z'));
  console.log((await get(port)).b);
  s.close();
})();
