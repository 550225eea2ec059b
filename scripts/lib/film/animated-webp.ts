/** A picture of an animation, as Chromium writes WebP, and how long it is shown. */
export interface Frame {
  readonly ms: number;
  readonly bytes: Buffer;
}

/**
 * An animated WebP of still ones: RIFF, `VP8X`, `ANIM`, and an `ANMF` chunk for each frame around the picture's own chunk. Spec:
 * https://developers.google.com/speed/webp/docs/riff_container
 * @param width of all pictures, in pixels
 */
export function animatedWebp(frames: readonly Frame[], width: number, height: number): Buffer {
  // 2: has an animation
  const head = chunk('VP8X', Buffer.concat([Buffer.from([2, 0, 0, 0]), u24(width - 1), u24(height - 1)]));
  const loop = chunk('ANIM', Buffer.from([0, 0, 0, 255, 0, 0])); // black behind, without an end
  const all = frames.map(({ ms, bytes }) => {
    const place = [u24(0), u24(0), u24(width - 1), u24(height - 1), u24(ms)];
    return chunk('ANMF', Buffer.concat([...place, Buffer.from([2]), pictureOf(bytes)])); // 2: does not blend
  });
  const body = Buffer.concat([Buffer.from('WEBP'), head, loop, ...all]);
  return Buffer.concat([Buffer.from('RIFF'), u32(body.length), body]);
}

/** The chunks of a WebP that hold its picture. */
function pictureOf(webp: Buffer): Buffer {
  const found: Buffer[] = [];
  for (let at = 12; at + 8 <= webp.length; ) {
    const [name, length] = [webp.toString('latin1', at, at + 4), webp.readUInt32LE(at + 4)];
    if (['ALPH', 'VP8 ', 'VP8L'].includes(name))
      found.push(chunk(name, webp.subarray(at + 8, at + 8 + length)));
    at += 8 + length + (length % 2);
  }
  return Buffer.concat(found);
}

function chunk(name: string, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from(name), u32(data.length), data, Buffer.alloc(data.length % 2)]);
}

function u24(n: number): Buffer {
  return Buffer.from([n & 255, (n >> 8) & 255, (n >> 16) & 255]);
}

function u32(n: number): Buffer {
  const four = Buffer.alloc(4);
  four.writeUInt32LE(n);
  return four;
}
