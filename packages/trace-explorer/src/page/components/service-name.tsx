import { DATABASE_COLOR, serviceColor } from '../service-color.ts';

export interface ServiceNameProps {
  readonly name: string;
  readonly type?: 'service' | 'database';
}

/** A service's name behind a square of its colour. */
export function ServiceName({ name, type = 'service' }: ServiceNameProps) {
  const background = type === 'database' ? DATABASE_COLOR : serviceColor(name);
  return (
    <span class="service-name">
      <span class="service-mark" style={{ background }} aria-hidden="true" />
      {name}
    </span>
  );
}
