import type { ComponentChildren } from 'preact';
import type { Place } from '../../../places/place.ts';
import { hrefOf } from '../../../places/place.ts';
import { ServiceName } from '../../components/services/service-name.tsx';

export interface FigureRow {
  readonly key: string;
  readonly place: Place;
  readonly name: ComponentChildren;
  /** Figures to the right of the name, the most important first; as many as the list has heads. */
  readonly figures: readonly ComponentChildren[];
}

export interface FigureListProps {
  readonly title: string;
  readonly heads: readonly string[];
  readonly rows: readonly FigureRow[];
  /** Shown in place of rows when there are none. */
  readonly none: ComponentChildren;
}

/** A service and a text about it, shortened to the available room. @param title the whole text; the text when left out */
export function ServiceText({
  service,
  text,
  title = text,
}: {
  service: string;
  text: string;
  title?: string;
}) {
  return (
    <>
      <ServiceName name={service} />
      <bdi class="ellipsis" title={title}>
        {text}
      </bdi>
    </>
  );
}

/** A short list of names with figures. Every row is one link. */
export function FigureList({ title, heads, rows, none }: FigureListProps) {
  const columns = { gridTemplateColumns: `minmax(0, 1fr) repeat(${heads.length}, max-content)` };
  return (
    <section class="figure-list">
      <h3>{title}</h3>
      {rows.length === 0 ? (
        <p class="muted">{none}</p>
      ) : (
        <ol class="figure-rows" style={columns}>
          <li class="figure-heads muted" aria-hidden="true">
            <span />
            {heads.map((head) => (
              <span key={head}>{head}</span>
            ))}
          </li>
          {rows.map(({ key, place, name, figures }) => (
            <li key={key}>
              <a href={hrefOf(place)}>
                <span class="figure-name">{name}</span>
                {figures.map((figure, i) => (
                  <span key={heads[i]} class="numeric">
                    {figure} <span class="visually-hidden">{heads[i]}</span>
                  </span>
                ))}
              </a>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
