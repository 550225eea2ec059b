// Ends with work that telemetry has still to send, where no thread fits into the address space.
const { get, up } = require('./server.cjs');
(async () => {
  const [s, port] = await up((q, r) => r.end('x'));
  for (const path of ['/', '/api/x']) console.log((await get(port, path)).b);
  await fetch(`http://127.0.0.1:${port}/`).catch((e) => console.log(e.name)); // needs address space of its own
  s.close();
  s.closeAllConnections();
  process.on('exit', (code) => console.log('exit', code));
})();
