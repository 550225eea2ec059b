import { useMemo } from 'preact/hooks';
import { visibleName } from '../../core/shared/harmless-text.ts';
import { labelParts } from '../values/label-parts.ts';

/**
 * A name that is whole while there is room. Cut, it keeps the part in which it differs from the others, else its middle goes.
 * @param all the names beside it, itself among them or not
 */
export function CutLabel({ text, all = [] }: { text: string; all?: readonly string[] }) {
  const parts = useMemo(() => labelParts([...all, text]).get(text), [all, text]);
  const [head = '', key = '', rest = ''] = parts ?? [];
  return (
    <bdi class="cut" title={text}>
      <span>{visibleName(head)}</span>
      <span class="cut-key">{visibleName(key)}</span>
      {rest !== '' && <span class="cut-rest">{visibleName(rest)}</span>}
    </bdi>
  );
}
