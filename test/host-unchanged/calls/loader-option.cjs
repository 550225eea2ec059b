// A loader of the app's own, given with `=`: Node says once that the option is experimental.
const { http, up } = require('./server.cjs');
(async () => {
  const [s, port] = await up((q, r) => r.end('ok'));
  http.get({ port, agent: false }, (x) => x.resume().on('end', () => s.close()));
  console.log(process.execArgv.some((each) => each.startsWith('--loader=')), typeof (await import('node:path')).join);
})();
