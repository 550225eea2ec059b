// An app that replaces `emit` of its request and its response, as agents and recorders do.
const { up, get } = require('./server.cjs');
(async () => {
  const seen = [];
  const [s, port] = await up((q, r) => {
    for (const [name, each] of Object.entries({ q, r })) {
      const { emit } = each;
      each.emit = function (event, ...args) {
        seen.push(`${name} ${String(event)} ${this === each}`);
        return emit.call(this, event, ...args);
      };
      each.on('close', () => seen.push(`${name} closed`));
    }
    q.on('data', (x) => seen.push(String(x))).on('end', () => r.end('x'));
    console.log(q.emit('mine'), r.emit('mine'));
  });
  await get(port, '/api/x', { method: 'POST', body: 'b' });
  await new Promise((d) => setTimeout(d, 50));
  console.log(seen.toSorted().join('\n'));
  s.close();
})();
