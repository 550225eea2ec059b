// An error that is thrown where the answer ends is the app's, with its stack.
const { http, up } = require('./server.cjs');
(async () => {
  const [, port] = await up((q, r) => r.end('x'));
  process.on('uncaughtException', (e) => {
    console.log(e.message, e.stack.split('\n').slice(1, 3).map((line) => line.replace(/\(?\/.*\//, '')).join());
    process.exit(5);
  });
  http.get({ port, agent: false }, (x) => {
    x.resume().on('end', function onEnd() {
      throw new Error('thrown at the end');
    });
  });
})();
