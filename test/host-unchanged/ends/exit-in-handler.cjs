const { get, up } = require('./server.cjs');
(async () => {
  const [s, port] = await up((q, r) => {
    r.end('x');
    console.log('handler');
    process.exit(42);
  });
  get(port).then(
    () => console.log('got'),
    (e) => console.log('err'),
  );
})();
