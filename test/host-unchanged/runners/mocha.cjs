// Mocha's own object, whose runner emits each event.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const Mocha = require('mocha');

const file = join(__dirname, 'mocha-tests.cjs');
writeFileSync(
  file,
  `const assert = require('node:assert');
let tries = 0;
describe('a suite', function () {
  this.retries(1);
  it('passes', function () { assert.ok(this.test); });
  it('fails', () => assert.equal(1, 2));
  it('fails later', async () => { await 1; throw new Error('later'); });
  it('has a callback', (done) => void setImmediate(done));
  it('is flaky', () => assert.equal(tries++, 1));
  it('skips itself', function () { this.skip(); });
});
`,
);
console.log(Mocha.Runner.prototype.emit.name, Mocha.Runner.prototype.emit.length);
new Mocha({ reporter: 'spec' }).addFile(file).run((failures) => (process.exitCode = failures));
