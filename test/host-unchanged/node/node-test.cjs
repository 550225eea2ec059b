const { test } = require('node:test');
const a = require('assert');
test('ok', () => {});
test('bad', () => a.equal(1, 2));
test('async', async () => {
  await new Promise((r) => setTimeout(r, 5));
});
