const c = {};
c.c = c;
console.log(c);
console.log(new Proxy({ a: 1 }, {}));
try {
  console.log({
    get x() {
      throw new Error('g');
    },
  });
} catch (e) {
  console.log('t', e.message);
}
try {
  console.log({
    [Symbol.for('nodejs.util.inspect.custom')]() {
      throw new Error('custom');
    },
  });
} catch (e) {
  console.log('c', e.message);
}
try {
  console.log(
    '%s %d %o %j',
    {
      toString() {
        throw new Error('ts');
      },
    },
    Symbol('a'),
    1n,
    c,
  );
} catch (e) {
  console.log('f', e.message);
}
try {
  console.log(
    new Proxy(
      {},
      {
        get() {
          throw new Error('trap');
        },
        ownKeys() {
          throw new Error('ok');
        },
      },
    ),
  );
} catch (e) {
  console.log('p', e.message);
}
const r = Proxy.revocable({}, {});
r.revoke();
console.log(r.proxy);
console.error(Object.create(null));
console.log(new Error('e', { cause: c }).message);
const e = new Error('zz');
e.stack = {};
console.log(e);
Object.defineProperty(e, 'stack', {
  get() {
    throw new Error('sg');
  },
});
try {
  console.log(e);
} catch (x) {
  console.log('s', x.message);
}
console.log(-0, [, 1], new Map([[c, 1]]), Symbol.iterator, () => {}, null, undefined);
console.table([{ a: 1 }]);
console.group('g');
console.log('in');
console.groupEnd();
console.assert(false, 'as');
console.count();
console.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 });
console.timeLog === undefined || console.log('ok');
console.log();
console.log('a\x1b[31mb\u0000\ud800');
