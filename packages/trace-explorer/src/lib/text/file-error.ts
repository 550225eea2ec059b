/** Codes of the file system, each in words about a path. */
const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not use it',
  EPERM: 'this user may not use it',
  EROFS: 'its file system is read-only',
  ENOENT: 'it, or its folder, is not there',
  ENOTDIR: 'a part of its path is not a folder',
  EEXIST: 'it is not a folder',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'its name is too long',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
};

/** The file system's reason for refusing a path, in words; undefined for any other error. */
export function fileErrorWords(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? (WORDS[String(error.code)] ?? error.message) : undefined;
}
