import { getOrMake } from '../../lib/get-or-make.ts';
import { visibleName } from '../../lib/text/harmless-text.ts';
import type { LabelParts } from '../values/label-parts.ts';
import { labelParts } from '../values/label-parts.ts';

const known = new WeakMap<readonly string[], ReadonlyMap<string, LabelParts>>();

/**
 * A name that is whole while there is room. Cut, it keeps the part in which it differs from the others, else its middle goes.
 * @param all the names beside it, itself among them: one array for all of a list
 */
export function CutLabel({ text, all }: { text: string; all?: readonly string[] }) {
  const shown = visibleName(text);
  const among = all && getOrMake(known, all, () => labelParts(all.map(visibleName)));
  const [head, key, rest] = among?.get(shown) ?? labelParts([shown]).get(shown) ?? ['', shown, ''];
  if (key === shown)
    return (
      <bdi class="ellipsis" title={text}>
        {shown}
      </bdi>
    );
  return (
    <bdi class="cut" title={text}>
      {/* It is read, and copied, in one piece. */}
      <span class="visually-hidden">{shown}</span>
      {head !== '' && <span aria-hidden="true">{head}</span>}
      <span class="cut-key" aria-hidden="true">
        {key}
      </span>
      {rest !== '' && (
        <span class="cut-rest" aria-hidden="true">
          {rest}
        </span>
      )}
    </bdi>
  );
}
