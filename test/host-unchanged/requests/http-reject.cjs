const { get, up } = require('./server.cjs');
(async () => {
  const [s, port] = await up(async (q, r) => {
    throw new Error('async handler died');
  });
  get(port).catch((e) => console.log('client', e.code));
})();
