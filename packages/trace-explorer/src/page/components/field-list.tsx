import { readStack } from '../../core/traces/model/stack-frames.ts';
import type { KeyValue } from '../values/any-value.ts';
import { valueText } from '../values/any-value.ts';
import { counted } from '../values/format.ts';
import { Disclosure } from './disclosure.tsx';
import { CopyButton } from './inputs/copy-button.tsx';
import { IconButton } from './inputs/icon-button.tsx';

interface AttributesProps extends Omit<FieldListProps, 'fields'> {
  readonly attributes: readonly KeyValue[];
}

/** OTLP's attributes as sent. */
export function Attributes({ attributes, ...props }: AttributesProps) {
  const fields = attributes.map(({ key, value }) => [key, valueText(value)] as const);
  return <FieldList fields={fields} {...props} />;
}

interface FieldListProps {
  readonly fields: readonly (readonly [name: string, text: string])[];
  /** Makes each value a button that looks for other spans with this value. */
  readonly onField?: (name: string, value: string) => void;
}

/** Names and texts. A stack keeps its line breaks. */
export function FieldList({ fields, onField }: FieldListProps) {
  return (
    <dl class="field-list">
      {fields.map(([key, text], index) => (
        <div key={`${index} ${key}`}>
          <dt class="meta">{key}</dt>
          <dd>
            {key === 'exception.stacktrace' ? (
              <StackTrace text={text} />
            ) : (
              <span class={text.includes('\n') ? 'field-value mono lines' : 'field-value mono'}>{text}</span>
            )}
            {onField !== undefined && text.length < 500 && !/^[[{]|\n/.test(text) && (
              <IconButton
                icon="search"
                label={`Only lines with ${key} = ${text}`}
                title="Only lines with this value"
                onPress={() => onField(key, text)}
              />
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A stack with its own scrolling: own frames first, frames of libraries in a fold. */
export function StackTrace({ text }: { text: string }) {
  const { head, own, library } = readStack(text);
  const folds = own.length > 0 && library.length > 0;
  return (
    <div class="column tight grow">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre class="stack said" tabIndex={0}>
        {folds ? [head, ...own].filter((line) => line !== '').join('\n') : text}
      </pre>
      {folds && (
        <Disclosure label={`${counted(library.length, 'frame')} of libraries`}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
          <pre class="stack said" tabIndex={0}>
            {library.join('\n')}
          </pre>
        </Disclosure>
      )}
      <CopyButton label="Copy" about="Copy the stack" text={() => text} />
    </div>
  );
}
