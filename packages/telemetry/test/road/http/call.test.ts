import t from 'tap';

t.test("the error of a listener is nobody else's", async (t) => {
  const { calls, connectionOpens, hear } = await import('../../../src/road/http/call.ts');
  const heard: string[] = [];
  const stops = [
    hear(calls.connectionOpens, () => {
      throw new Error('of a feature');
    }),
    hear(calls.connectionOpens, () => void heard.push('next')),
  ];
  connectionOpens(process);
  for (const stop of stops) stop();
  connectionOpens(process);
  t.same(heard, ['next']);
});
