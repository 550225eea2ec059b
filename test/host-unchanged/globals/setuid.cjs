const { get, up } = require('./server.cjs');
process.chdir('/');
process.setgid(65534);
process.setuid(65534);
(async () => {
  const [s, port] = await up((q, r) => r.end('z'));
  console.log((await get(port)).b, process.getuid());
  s.close();
})();
