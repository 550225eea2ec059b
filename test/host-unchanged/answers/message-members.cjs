// What a log line, an assertion or a copy of a request and a response has of them.
const util = require('util');
const { show } = require('./server.cjs');
show((q, r) => {
  const before = r.writableLength;
  const members = (of) => [
    Object.keys(of).join(),
    Object.keys({ ...of }).length,
    Object.getOwnPropertySymbols(of).filter((each) => Object.getOwnPropertyDescriptor(of, each).enumerable).length,
    typeof of.emit,
    of.emit.name,
    of.emit.length,
  ];
  console.log(members(q), members(r), before);
  console.log(/tandem|telemetry|opentelemetry/i.test(util.inspect(q, { depth: 0 }) + util.inspect(r, { depth: 0 })));
  r.end('x');
});
