import { visibleName } from '../../../../lib/text/harmless-text.ts';

/** A sentence in which the operation that it begins with stands out. */
export function Sentence({ text, name }: { text: string; name: string }) {
  if (name === '' || !text.startsWith(name)) return <>{visibleName(text)}</>;
  return (
    <>
      <code>{visibleName(name)}</code>
      {visibleName(text.slice(name.length))}
    </>
  );
}
