import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface CardProps {
  readonly title: ComponentChildren;
  /** Said of it, beside its name. */
  readonly about?: ComponentChildren;
  /** At the end of its head. */
  readonly tools?: ComponentChildren;
  readonly class?: string;
  /** Whether a table in it has the same name, which a screen reader would say twice. */
  readonly isTable?: boolean;
  readonly children: ComponentChildren;
}

/** A part of a view on its own ground, below its name. */
export function Card(props: CardProps) {
  const { title, about, tools, class: name = 'card', isTable = false, children } = props;
  const id = useId();
  return (
    <section class={name} aria-labelledby={isTable ? undefined : id}>
      <header class="line">
        <h2 id={id}>{title}</h2>
        {about !== undefined && <span class="faint">{about}</span>}
        <span class="grow" />
        {tools}
      </header>
      {children}
    </section>
  );
}
