import type { ComponentProps } from 'preact';
import type { IconName } from '../icon.tsx';
import { Icon } from '../icon.tsx';

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'icon' | 'label' | 'class'> {
  readonly icon: IconName;
  /** Names it for a screen reader. */
  readonly label: string;
  readonly onPress: () => void;
  readonly class?: string;
}

/** A button that shows an icon alone. */
export function IconButton({ icon, label, onPress, class: name = '', ...rest }: IconButtonProps) {
  return (
    <button {...rest} type="button" class={`icon ${name}`} aria-label={label} onClick={onPress}>
      <Icon name={icon} />
    </button>
  );
}
