import { visibleName } from '../../../shared/harmless-text.ts';
import { DATABASE_COLOR } from '../../../shared/service-color.ts';
import { useServiceColor } from './service-colors.ts';

export interface ServiceNameProps {
  readonly name: string;
  readonly type?: 'service' | 'database';
}

/** A service's name behind a square of its colour. A long name ends in an ellipsis. */
export function ServiceName({ name, type = 'service' }: ServiceNameProps) {
  const colorOf = useServiceColor();
  const background = type === 'database' ? DATABASE_COLOR : colorOf(name);
  return (
    <span class="service-name" data-type={type} title={name}>
      <span class="service-mark" style={{ background }} aria-hidden="true" />
      <bdi class="ellipsis">{visibleName(name)}</bdi>
    </span>
  );
}
