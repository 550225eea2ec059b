import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

/** Most bytes of bodies that become one request, before compression. */
export const JOINED_BYTES = 1024 * 1024;

/** A larger packed body is a request of its own: unpacking and packing would cost more than the request. */
const MAX_PACKED_BYTES = 8 * 1024;
/** Most bytes of such a body, unpacked. */
const MAX_UNPACKED_BYTES = 256 * 1024;
/** A request of telemetry is packed fast rather than well. */
const LEVEL = 1;

const [unpack, pack] = [promisify(gunzip), promisify(gzip)];

/** The form of a body, by its first byte: a request in protobuf begins with another one. */
export type BodyForm = 'gzip' | 'json' | 'protobuf';

export function formOf(body: Uint8Array): BodyForm {
  return body[0] === 0x1f ? 'gzip' : body[0] === 0x7b ? 'json' : 'protobuf';
}

/** Whether a body may become one request with others. OTLP's requests are lists, so protobuf is joined by its bytes. */
function isJoinable(body: Uint8Array): boolean {
  const form = formOf(body);
  return form === 'protobuf' || (form === 'gzip' && body.byteLength <= MAX_PACKED_BYTES);
}

/** Bodies that are to be one request: `add` takes a further one where it fits beside them. */
export class Joint<Member extends { readonly body: Uint8Array }> {
  readonly members: Member[] = [];
  #bytes = 0;

  /** @returns whether the body fits: the first one always does */
  add(member: Member): boolean {
    const [first] = this.members;
    const bytes = this.#bytes + member.body.byteLength;
    if (first && !(bytes <= JOINED_BYTES && isJoinable(first.body) && isJoinable(member.body))) return false;
    this.members.push(member);
    this.#bytes = bytes;
    return true;
  }
}

/**
 * One request of several. It is packed where one of them came packed. Bodies of gzip are not put one behind the other,
 * although the format allows it, because many readers stop after the first.
 * @returns undefined where one of them cannot be unpacked, or becomes too large
 */
export async function joinBodies(
  members: readonly { readonly body: Uint8Array }[],
): Promise<Uint8Array | undefined> {
  const bodies = members.map(({ body }) => body);
  const [first] = bodies;
  if (bodies.length === 1) return first;
  const isPacked = (body: Uint8Array) => formOf(body) === 'gzip';
  try {
    const plain = await Promise.all(bodies.map((body) => (isPacked(body) ? unpackBody(body) : body)));
    const joined = Buffer.concat(plain);
    return bodies.some(isPacked) ? await packBody(joined) : joined;
  } catch {
    return undefined;
  }
}

/** @throws Error for a damaged body, RangeError for a large one */
export function unpackBody(body: Uint8Array, maxBytes = MAX_UNPACKED_BYTES): Promise<Buffer> {
  return unpack(body, { maxOutputLength: maxBytes });
}

export function packBody(body: Uint8Array): Promise<Buffer> {
  return pack(body, { level: LEVEL });
}
