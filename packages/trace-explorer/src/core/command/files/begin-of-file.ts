import { openRegular } from '../../../lib/node/regular-file.ts';

/** The first bytes of a file. @throws Error of the file system, also for what is not a regular file */
export async function beginOfFile(path: string, bytes: number): Promise<Buffer> {
  const file = await openRegular(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(bytes), position: 0 });
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
