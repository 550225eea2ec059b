const { DatabaseSync } = require('node:sqlite');
const db = new DatabaseSync(':memory:');
db.exec('create table t(a,b)');
const st = db.prepare('insert into t values(?,?)');
console.log(st.run(1, 'x'), st.run(2n, null));
console.log(db.prepare('select * from t').all(), db.prepare('select * from t where a=:a').get({ a: 1 }));
try {
  db.prepare('selec');
} catch (e) {
  console.log(e.code, e.message);
}
try {
  st.run(Symbol('s'));
} catch (e) {
  console.log(e.code, e.message);
}
db.function('f', (x) => {
  throw new Error('uf');
});
try {
  db.prepare('select f(1)').get();
} catch (e) {
  console.log(e.message);
}
for (const r of db.prepare('select a from t').iterate()) console.log(r.a);
console.log(st.sourceSQL, Object.keys(st).length, st.constructor.name, db.isOpen);
const q = 'select 1 /*' + 'x'.repeat(3e6) + '*/ as one';
console.log(db.prepare(q).get());
try {
  db.exec({
    toString() {
      return 'select 1';
    },
  });
} catch (e) {
  console.log(e.code);
}
db.close();
try {
  db.prepare('select 1');
} catch (e) {
  console.log(e.code, e.message);
}
