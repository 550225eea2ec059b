const m = require('module');
if (!m.registerHooks) {
  console.log('none');
} else {
  const h = m.registerHooks({
    resolve(s, c, n) {
      if (s === 'virtual:y') return { url: 'virtual:y', shortCircuit: true };
      return n(s, c);
    },
    load(u, c, n) {
      if (u === 'virtual:y') return { format: 'commonjs', source: 'module.exports=9', shortCircuit: true };
      return n(u, c);
    },
  });
  console.log(require('virtual:y'));
  h.deregister();
  try {
    require('virtual:y');
  } catch (e) {
    console.log(e.code);
  }
}
