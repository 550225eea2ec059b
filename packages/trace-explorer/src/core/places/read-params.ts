import type { Place } from './place.ts';

/** What a view takes of a param: one of some words, or what this makes of its text; undefined for what it cannot read. */
export type ParamForm = readonly string[] | ((text: string) => unknown);

/** By name, the params that a view takes besides its time. */
export type ParamForms = Readonly<Record<string, ParamForm>>;

type Read<F> = F extends readonly (infer Word)[] ? Word : F extends (text: string) => infer T ? T : never;

/** What a place's params say. One that cannot be read counts as absent, and the page says so. */
export function readParams<F extends ParamForms>(
  forms: F,
  params: Place['params'],
): { readonly [Name in keyof F]?: Read<F[Name]> } {
  const read = Object.entries(forms).map(([name, form]) => [name, readParam(form, params[name])]);
  return Object.fromEntries(read.filter(([, value]) => value !== undefined));
}

/** What a text says by a form; undefined for what it cannot be. */
export function readParam(form: ParamForm, text: string | undefined): unknown {
  if (text === undefined) return undefined;
  return typeof form === 'function' ? form(text) : form.find((word) => word === text);
}

/** Any text. */
export function anyText(text: string): string {
  return text;
}

/** A text of a form. */
export function matching(form: RegExp): (text: string) => string | undefined {
  return (text) => (form.test(text) ? text : undefined);
}
