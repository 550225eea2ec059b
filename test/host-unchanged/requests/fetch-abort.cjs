const { http, up } = require('./server.cjs');
(async () => {
  const [s, port] = await up((q, r) => setTimeout(() => r.end(), 3000).unref());
  for (const f of [
    () => fetch('http://127.0.0.1:' + port, { signal: AbortSignal.timeout(20) }),
    () => fetch('http://127.0.0.1:' + port, { signal: AbortSignal.abort('why') }),
    () => fetch('http://127.0.0.1:1'),
    () => fetch('nonsense'),
    () => fetch('http://127.0.0.1:' + port, { method: 'BAD METHOD' }),
    () => fetch('http://127.0.0.1:' + port, { headers: { 'a b': 'c' } }),
  ])
    await f().catch((e) => console.log(e?.name ?? e, e?.message, e?.cause?.code));
  s.closeAllConnections();
  s.close();
})();
