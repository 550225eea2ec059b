// Jest in this process: what it prints, and what kinds of functions tests may be.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

writeFileSync(join(__dirname, 'package.json'), '{"name":"guest","jest":{"testMatch":["<rootDir>/jest-tests.js"]}}');
writeFileSync(
  join(__dirname, 'jest-tests.js'),
  `jest.retryTimes(1);
let tries = 0;
test('passes', function () { expect(this).toBeDefined(); });
test('fails', () => expect(1).toBe(2));
test('fails later', async () => { await 1; throw new Error('later'); });
test('has a callback', (done) => void setImmediate(done));
test('is a generator', function* () { yield Promise.resolve(); });
test('is flaky', () => expect(tries++).toBe(1));
test.failing('is expected to fail', () => expect(1).toBe(2));
test.concurrent('is concurrent', async () => {});
`,
);
require('jest').run(['-i', '--no-cache', '--no-watchman', '--rootDir', __dirname]);
