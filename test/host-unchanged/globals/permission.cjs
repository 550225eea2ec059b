const { get, up } = require('./server.cjs');
(async () => {
  try {
    require('fs').readFileSync('/etc/hostname');
    console.log('read ok');
  } catch (e) {
    console.log(e.code);
  }
  try {
    require('fs').writeFileSync('/tmp/never-x', '1');
  } catch (e) {
    console.log(e.code, e.permission);
  }
  try {
    require('child_process').spawnSync('true');
  } catch (e) {
    console.log(e.code);
  }
  try {
    new (require('worker_threads').Worker)('1', { eval: true });
  } catch (e) {
    console.log(e.code);
  }
  const [s, port] = await up((q, r) => r.end('z'));
  console.log((await get(port)).b);
  s.close();
})();
