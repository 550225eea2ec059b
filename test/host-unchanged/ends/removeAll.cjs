const { get, up } = require('./server.cjs');
process.removeAllListeners();
process.on('exit', (c) => console.log('x', c));
(async () => {
  const [s, port] = await up((q, r) => r.end('y'));
  console.log((await get(port)).b);
  s.close();
})();
