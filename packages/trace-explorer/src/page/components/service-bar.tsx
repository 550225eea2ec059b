import { serviceColor } from '../service-color.ts';

export interface ServiceShare {
  readonly name: string;
  readonly spans: number;
}

/** How a trace's spans divide among services, as a bar in their colours. */
export function ServiceBar({ services }: { services: readonly ServiceShare[] }) {
  const text = services.map(({ name, spans }) => `${name} ${spans}`).join(', ');
  return (
    <span class="service-bar" role="img" aria-label={`Spans by service: ${text}`} title={text}>
      {services.map(({ name, spans }) => (
        <span key={name} style={{ background: serviceColor(name), flexGrow: spans }} />
      ))}
    </span>
  );
}
