const { pipeline, Readable, Transform, Writable } = require('stream');
const { pipeline: pp } = require('stream/promises');
(async () => {
  let n = 0;
  await pp(
    Readable.from(['a', 'b', 'c']),
    new Transform({
      transform(c, e, d) {
        d(null, String(c).toUpperCase());
      },
    }),
    new Writable({
      write(c, e, d) {
        n++;
        process.stdout.write(c);
        d();
      },
    }),
  );
  console.log(n);
  try {
    await pp(
      Readable.from(
        (function* () {
          yield 'x';
          throw new Error('mid');
        })(),
      ),
      new Writable({
        write(c, e, d) {
          d();
        },
      }),
    );
  } catch (e) {
    console.log(e.message);
  }
  for await (const c of Readable.from([1, 2]).map((x) => x * 2)) console.log(c);
})();
