// Heads that Node refuses, and what comes of the answer then.
const { show } = require('./server.cjs');
const refused = (head) => (q, r) => {
  try {
    r.writeHead(200, head);
  } catch (e) {
    r.statusCode = 500;
    r.setHeader('x-code', e.code);
  }
  r.end('x');
};
(async () => {
  for (const head of [{ 'x-u': undefined }, ['a'], [['a']], { 'x y': '1' }, ['x', '\n']]) await show(refused(head));
})();
