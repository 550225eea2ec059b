const { get, up } = require('./server.cjs');
Error.prepareStackTrace = () => {
  throw new Error('pst');
};
(async () => {
  const [s, port] = await up((q, r) => {
    console.error('line');
    console.warn('w');
    r.end('ok');
  });
  console.log((await get(port)).b);
  s.close();
})();
