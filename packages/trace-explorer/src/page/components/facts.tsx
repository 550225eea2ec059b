import type { ComponentChildren } from 'preact';

/** A name, and its text. A fact without a text is left out. */
export type Fact = readonly [name: string, text: ComponentChildren, isBad?: boolean];

/** Facts beside each other, each below its name. */
export function Facts({ facts, label }: { facts: readonly Fact[]; label?: string }) {
  return (
    <dl class="facts line" aria-label={label}>
      {facts.map(
        ([name, text, isBad]) =>
          text !== undefined &&
          text !== '' && (
            <div key={name}>
              <dt class="meta">{name}</dt>
              <dd class={isBad ? 'error-text' : undefined}>
                <bdi>{text}</bdi>
              </dd>
            </div>
          ),
      )}
    </dl>
  );
}
