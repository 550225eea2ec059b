import t from 'tap';
import { distinct, filesOf, NOBODY, startTraced } from './child-process.ts';
import { startReceiver } from './receiver.ts';

// What a process has time for is the machine's to say: at night, when nothing else runs, one of ten runs has it.
t.setTimeout(600_000);

const receiver = await startReceiver(t);
const toReceiver = { OTEL_BSP_SCHEDULE_DELAY: '60000', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
const received = (name: string) => distinct(receiver.spans()).filter((span) => span.name === name).length;

t.test('a process has time to send its last spans before its end', async (t) => {
  let isSent = false;
  for (let run = 1; run <= 10 && !isSent; run++) {
    const env = { ...toReceiver, DATA_DIR: t.testdir() };
    await startTraced(`withSpan('in time', {}, () => {});`, env).exited;
    isSent = filesOf(env.DATA_DIR).length === 0;
  }
  t.ok(isSent && received('in time') > 0, 'in one of ten runs');
});

t.test('files of earlier processes go out with the last spans', async (t) => {
  let isSent = false;
  for (let run = 1; run <= 10 && !isSent; run++) {
    const directory = t.testdir();
    const nowhere = { ...toReceiver, OTEL_EXPORTER_OTLP_ENDPOINT: NOBODY, DATA_DIR: directory };
    await startTraced(`withSpan('of an earlier one', {}, () => {});`, nowhere).exited;
    t.equal(filesOf(directory).length, 1);
    await startTraced('', { ...toReceiver, DATA_DIR: directory }).exited;
    isSent = filesOf(directory).length === 0;
  }
  t.ok(isSent && received('of an earlier one') > 0, 'in one of ten runs');
});

t.test('last spans that the disk does not take are sent from memory', async (t) => {
  const env = { ...toReceiver, DATA_DIR: t.testdir({ spool: 'no folder' }) };
  for (let run = 1; run <= 10 && received('from memory') === 0; run++)
    await startTraced(`withSpan('from memory', {}, () => {});`, env).exited;
  t.ok(received('from memory') > 0, 'in one of ten runs');
});
