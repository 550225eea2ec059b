/** Loaded when a cause has a stack. */
export { StackTrace as default } from '../../../page/components/field-list.tsx';
