/** Exit code for arguments that cannot be taken, as of the shell's own commands. */
export const WRONG_USAGE = 2;

/** What a parser of arguments says is wrong, without the advice behind its first sentence. */
export function withoutAdvice(message: string): string {
  const [sentence = ''] = message.split(/\.\s/, 1);
  return sentence.replace(/\.?$/, '.');
}
