import { serviceColor } from '../service-color.ts';

/** A service's name behind a square of its colour. */
export function ServiceName({ name }: { name: string }) {
  return (
    <span class="service-name">
      <span class="service-mark" style={{ background: serviceColor(name) }} aria-hidden="true" />
      {name}
    </span>
  );
}
