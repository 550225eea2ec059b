const { up } = require('./server.cjs');
(async () => {
  const [s] = await up((q, r) => r.end());
  process.on('SIGTERM', (n, c) => {
    console.log(n, c);
    s.close(() => console.log('closed'));
  });
  process.on('exit', (c) => console.log('exit', c));
  process.kill(process.pid, 'SIGTERM');
})();
