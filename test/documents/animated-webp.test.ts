import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { animatedWebp } from '../../scripts/lib/film/animated-webp.ts';
import { ROOT } from '../helpers/processes.ts';

/** The chunks of a RIFF file: their names and contents. */
function chunksOf(file: Buffer): { name: string; data: Buffer }[] {
  const found: { name: string; data: Buffer }[] = [];
  for (let at = 12; at + 8 <= file.length; ) {
    const length = file.readUInt32LE(at + 4);
    found.push({ name: file.toString('latin1', at, at + 4), data: file.subarray(at + 8, at + 8 + length) });
    at += 8 + length + (length % 2);
  }
  return found;
}

/** A still picture with these bytes, as Chromium writes one: a chunk may come before the picture's. */
function still(bytes: readonly number[]): Buffer {
  const chunk = (name: string, data: Buffer) => {
    const head = Buffer.alloc(8);
    head.write(name, 'latin1');
    head.writeUInt32LE(data.length, 4);
    return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
  };
  const body = Buffer.concat([
    Buffer.from('WEBP'),
    chunk('ICCP', Buffer.from('x')),
    chunk('VP8 ', Buffer.from(bytes)),
  ]);
  const head = Buffer.alloc(8);
  head.write('RIFF', 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

t.test('an animation has the picture and the time of each frame', async (t) => {
  const frames = [
    { ms: 90, bytes: still([1, 2, 3]) },
    { ms: 70_000, bytes: still([4, 5]) },
  ];
  const file = animatedWebp(frames, 960, 540);
  t.equal(file.readUInt32LE(4), file.length - 8);
  const [head, loop, ...pictures] = chunksOf(file);
  t.same([head?.name, loop?.name], ['VP8X', 'ANIM']);
  t.same([head?.data.readUIntLE(4, 3), head?.data.readUIntLE(7, 3)], [959, 539]);
  t.same(
    pictures.map(({ name, data }) => [name, data.readUIntLE(12, 3)]),
    [
      ['ANMF', 90],
      ['ANMF', 70_000],
    ],
  );
  const [first] = chunksOf(
    Buffer.concat([Buffer.alloc(12), pictures[0]?.data.subarray(16) ?? Buffer.alloc(0)]),
  );
  t.same([first?.name, [...(first?.data ?? [])]], ['VP8 ', [1, 2, 3]], 'and nothing else of the still one');
});

t.test('the film of the README is an animation of its size, and small enough for it', async (t) => {
  const film = readFileSync(join(ROOT, 'docs/images/run.webp'));
  t.ok(film.length < 500_000, `${film.length} bytes`);
  const [head, , ...frames] = chunksOf(film);
  t.same([head?.data.readUIntLE(4, 3), head?.data.readUIntLE(7, 3)], [959, 539]);
  t.ok(frames.length > 10);
});

t.test('the README has the last lines of the run that the film shows', async (t) => {
  const [, ending = ''] =
    /<!-- ending -->\n```text\n([\s\S]*?)```\n<!-- end of ending -->/.exec(
      readFileSync(join(ROOT, 'README.md'), 'utf8'),
    ) ?? [];
  t.match(ending, /^\d problems in \d+ requests/);
  t.match(ending, /\nShow this run: node \.\.\/tandem\/tandem open\n$/);
  t.notMatch(ending, 'waited for a processor', 'of a quiet machine');
});
