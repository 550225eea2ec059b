const { get, up } = require('./server.cjs');
require('events').defaultMaxListeners = 1;
process.on('warning', (w) => console.log('warning', w.name, w.type, w.count));
(async () => {
  const [s, port] = await up((q, r) => {
    q.on('close', () => {});
    r.on('close', () => {});
    r.on('finish', () => {});
    q.on('error', () => {});
    r.end('x');
  });
  const x = await get(port);
  console.log(x.b);
  process.on('exit', () => {});
  process.on('SIGTERM', () => {});
  s.close();
  setTimeout(() => process.exit(), 50);
})();
