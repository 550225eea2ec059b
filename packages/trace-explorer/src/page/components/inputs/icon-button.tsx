import { Icon } from '../icon.tsx';
import type { IconName } from '../icons.ts';

interface IconButtonProps {
  readonly icon: IconName;
  /** Names it for a screen reader. */
  readonly label: string;
  readonly onPress: () => void;
  readonly class?: string;
  readonly title?: string;
  readonly disabled?: boolean;
  readonly 'aria-disabled'?: boolean;
  readonly 'aria-expanded'?: boolean;
  readonly 'aria-keyshortcuts'?: string;
}

/** A button that shows an icon alone. */
export function IconButton({ icon, label, onPress, class: name = '', ...rest }: IconButtonProps) {
  return (
    <button {...rest} type="button" class={`icon ${name}`} aria-label={label} onClick={onPress}>
      <Icon name={icon} />
    </button>
  );
}
