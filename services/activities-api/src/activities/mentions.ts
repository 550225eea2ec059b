const MENTION = /(?<![a-z0-9_@-])@([a-z0-9_-]{1,30})(?![a-z0-9_-])/gi;
/** One message notifies at most this many people. */
const MAX_MENTIONS = 20;

/**
 * The handles that a message mentions as `@handle`, each once, in order, at most 20.
 *
 * @example
 * mentionsIn('Hello @londo, and @Vir!'); // ['londo', 'vir']
 */
export function mentionsIn(message: string): string[] {
  const handles = new Set<string>();
  for (const match of message.matchAll(MENTION)) {
    if (match[1] !== undefined) handles.add(match[1].toLowerCase());
    if (handles.size === MAX_MENTIONS) break;
  }
  return [...handles];
}
