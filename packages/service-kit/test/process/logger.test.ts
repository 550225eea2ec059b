import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';

const logger = join(import.meta.dirname, '../../src/process/logger.ts');

t.test(
  'lines carry the level by name, an ISO time and the fields given, and are written before the end',
  async (t) => {
    const script = `
    import { createLogger } from ${JSON.stringify(logger)};
    const log = createLogger('info', { base: { name: 'fixed' }, mixin: () => ({ now: 'this' }) });
    log.debug({}, 'left out');
    log.warn({ more: 1 }, 'shown');
    createLogger('info').info({}, 'bare');
    process.exit(0);
  `;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    t.match(lines, [
      { level: 'warn', time: /^\d{4}-.*Z$/, name: 'fixed', now: 'this', more: 1, msg: 'shown' },
      { level: 'info', msg: 'bare' },
    ]);
    t.same(Object.keys(lines[1]), ['level', 'time', 'msg']);
  },
);
