// A listener of `end` works, and the process ends in it.
const { http, up } = require('./server.cjs');
(async () => {
  const [, port] = await up((q, r) => r.end('x'.repeat(1000)));
  process.on('exit', (code) => console.log('exit', code));
  http.get({ port, agent: false }, (x) => {
    x.resume().on('end', () => {
      for (const t = Date.now(); Date.now() - t < 100; );
      console.log('worked', x.complete, x.readableEnded);
      process.exit(3);
    });
  });
})();
