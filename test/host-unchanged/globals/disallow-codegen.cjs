const { get, up } = require('./server.cjs');
(async () => {
  try {
    new Function('1');
  } catch (e) {
    console.log(e.name);
  }
  const [s, port] = await up((q, r) => r.end('z'));
  console.log((await get(port)).b);
  s.close();
})();
