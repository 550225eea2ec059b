// Playwright Test, whose tests run in a process of their own.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

writeFileSync(
  join(__dirname, 'playwright.config.cjs'),
  `module.exports = { testMatch: 'playwright-tests.cjs', retries: 1, reporter: 'line' };\n`,
);
writeFileSync(
  join(__dirname, 'playwright-tests.cjs'),
  `const { expect, test } = require('@playwright/test');
test('passes', () => {});
test('fails', () => expect(1).toBe(2));
test('is flaky', ({}, { retry }) => expect(retry).toBe(1));
test.fail('is expected to fail', () => expect(1).toBe(2));
`,
);
process.argv.splice(2, Infinity, 'test');
require('@playwright/test/cli');
