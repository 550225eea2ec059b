const { get, up } = require('./server.cjs');
(async () => {
  const [s, port] = await up((q, r) => {
    throw new Error('handler died');
  });
  get(port).catch((e) => console.log('client', e.code));
})();
